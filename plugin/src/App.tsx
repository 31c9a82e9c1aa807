import type { AppRootProps } from '@grafana/data';
import { PluginPage } from '@grafana/runtime';
import { ErrorBoundaryAlert, LoadingPlaceholder } from '@grafana/ui';
import React, { Suspense } from 'react';
import { Navigate, Route, Routes, useLocation, useParams } from 'react-router-dom';
import { RefreshContext } from './api/useCall';
import { ErrorState } from './components/states/ErrorState';
import { TopBar } from './components/TopBar';
import { TruthLine } from './components/TruthLine';
import { type AppSettings, PLUGIN_BASE_URL } from './constants';
import { ScopeContext } from './lib/scope';
import { type PageInfo, PAGES } from './pages';
import { type AppScope, useAppScope } from './useAppScope';

export default function App({ meta }: AppRootProps<AppSettings>) {
  const app = useAppScope(meta.jsonData?.defaultTarget);
  return (
    <RefreshContext.Provider value={app.refreshes}>
      <ScopeContext.Provider value={app.scope}>
        <Routes>
          {PAGES.map((page) => (
            <Route key={page.path} path={page.path} element={<Page page={page} app={app} />} />
          ))}
          <Route path="*" element={<ToFirstPage />} />
        </Routes>
      </ScopeContext.Provider>
    </RefreshContext.Provider>
  );
}

/** The frame of every page: title and breadcrumbs by Grafana, the bar, then the page, whose crash stays its own. */
function Page({ page, app }: { page: PageInfo; app: AppScope }) {
  const { pathname, search } = useLocation();
  const params = useParams();
  const { component: Content } = page;
  const title = page.title.startsWith(':') ? (params[page.title.slice(1)] ?? '') : page.title;
  const parent = PAGES.find(({ path }) => path === page.parent);
  const pageNav = parent && {
    text: title,
    parentItem: { text: parent.title, url: `${PLUGIN_BASE_URL}/${parent.path}${search}` },
  };
  return (
    <PluginPage
      pageNav={pageNav}
      actions={!page.alone && <TruthLine target={app.scope.info} status={app.scope.status} at={app.at} />}
    >
      {!page.alone && <TopBar {...app} />}
      {!page.alone && app.failure && (
        <ErrorState part="The exporter's state" error={app.failure} onRetry={app.refresh} />
      )}
      {/* Without an answer from the exporter every part of a page would say the same again. */}
      {(page.alone || app.targets || !app.failure) && (
        <ErrorBoundaryAlert dependencies={[pathname]} boundaryName="pgvigil page">
          <Suspense fallback={<LoadingPlaceholder text={`Loading ${title.toLowerCase()}…`} />}>
            <Content />
          </Suspense>
        </ErrorBoundaryAlert>
      )}
    </PluginPage>
  );
}

/** Keeps target and window of the address: a link to the bare app may carry them. */
function ToFirstPage() {
  const { search } = useLocation();
  return <Navigate to={{ pathname: `${PLUGIN_BASE_URL}/${PAGES[0].path}`, search }} replace />;
}
