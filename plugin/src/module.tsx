import { AppPlugin, type AppRootProps } from '@grafana/data';
import { LoadingPlaceholder } from '@grafana/ui';
import React, { lazy, Suspense } from 'react';
import type { ConfigurationPageProps } from './pages/configuration/ConfigurationPage';
import type { AppSettings } from './constants';

// Grafana loads this file with its first page when the app is opened: the rest comes when it is looked at.
const LazyApp = lazy(() => import('./App'));
const LazyConfiguration = lazy(() => import('./pages/configuration/ConfigurationPage'));

const App = (props: AppRootProps<AppSettings>) => (
  <Suspense fallback={<LoadingPlaceholder text="Loading…" />}>
    <LazyApp {...props} />
  </Suspense>
);

const Configuration = (props: ConfigurationPageProps) => (
  <Suspense fallback={<LoadingPlaceholder text="Loading…" />}>
    <LazyConfiguration {...props} />
  </Suspense>
);

export const plugin = new AppPlugin<AppSettings>().setRootPage(App).addConfigPage({
  title: 'Configuration',
  icon: 'cog',
  body: Configuration,
  id: 'configuration',
});
