import { createTheme, ThemeContext, type AppPlugin } from '@grafana/data';
import { config, LocationServiceProvider, locationService } from '@grafana/runtime';
import { GlobalStyles, PortalContainer } from '@grafana/ui';
import type { ComponentType, ReactNode } from 'react';
import * as router from 'react-router-dom';
import { CompatRouter, Navigate, Route, Routes } from 'react-router-dom-v5-compat';
import { AppRoot } from './AppRoot';
import { boot } from './boot';
import { ConfigPage } from './ConfigPage';
import { Dashboard } from './Dashboard';
import { Frame } from './Frame';

/** Version 5, as Grafana has it; the compiler sees the plugin's version 6. */
const Router = router.Router as unknown as ComponentType<{ history: unknown; children: ReactNode }>;

const theme = createTheme({ colors: { mode: boot.theme } });
config.theme2 = theme;

/** Grafana's tree of providers, and its addresses. */
export function Shell({ plugin }: { plugin: AppPlugin }) {
  const { id } = boot.meta;
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <Router history={locationService.getHistory()}>
        <LocationServiceProvider service={locationService}>
          <CompatRouter>
            <Frame>
              <Routes>
                <Route path={`/a/${id}/*`} element={<AppRoot plugin={plugin} />} />
                <Route path={`/plugins/${id}`} element={<ConfigPage plugin={plugin} />} />
                <Route path="/d/preview" element={<Dashboard />} />
                <Route path="*" element={<Navigate to={`/a/${id}`} replace />} />
              </Routes>
            </Frame>
            <PortalContainer />
          </CompatRouter>
        </LocationServiceProvider>
      </Router>
    </ThemeContext.Provider>
  );
}
