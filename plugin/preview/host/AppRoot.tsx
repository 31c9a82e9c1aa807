import { type AppPlugin, PluginContextProvider } from '@grafana/data';
import { ErrorBoundaryAlert } from '@grafana/ui';
import { Suspense } from 'react';
import { useLocation } from 'react-router-dom-v5-compat';
import { boot } from './boot';

/** The app's root page, given what Grafana gives. */
export function AppRoot({ plugin }: { plugin: AppPlugin }) {
  const { pathname, search } = useLocation();
  const Root = plugin.root!;
  return (
    <PluginContextProvider meta={boot.meta as never}>
      <ErrorBoundaryAlert style="page">
        <Suspense fallback="Loading…">
          <Root
            meta={boot.meta as never}
            basename={`/a/${boot.meta.id}`}
            path={pathname}
            query={Object.fromEntries(new URLSearchParams(search))}
            onNavChanged={() => undefined}
          />
        </Suspense>
      </ErrorBoundaryAlert>
    </PluginContextProvider>
  );
}
