/** The pages: one folder and one line each, plus an include in plugin.json for those in the navigation. */
import type { IconName } from '@grafana/data';
import { type ComponentType, lazy, type LazyExoticComponent } from 'react';

export interface PageInfo {
  /** Below the app's address; `:name` is a parameter. */
  readonly path: string;
  /** `:name`: that parameter of the path. */
  readonly title: string;
  readonly icon: IconName;
  /** Path of the page it is a part of, for the breadcrumbs. */
  readonly parent?: string;
  /** Has nothing to do with a target, and needs no exporter. */
  readonly alone?: true;
  readonly component: LazyExoticComponent<ComponentType>;
}

/** The first one is shown where an address names none. */
export const PAGES: readonly PageInfo[] = [
  { path: 'queries', title: 'Queries', icon: 'list-ul', component: lazy(() => import('./queries/QueriesPage')) },
  {
    path: 'queries/:queryId',
    title: 'Query',
    icon: 'list-ul',
    parent: 'queries',
    component: lazy(() => import('./query/QueryPage')),
  },
  { path: 'activity', title: 'Activity', icon: 'users-alt', component: lazy(() => import('./activity/ActivityPage')) },
  {
    path: 'maintenance',
    title: 'Maintenance',
    icon: 'process',
    component: lazy(() => import('./maintenance/MaintenancePage')),
  },
  {
    path: 'benchmarks',
    title: 'Benchmarks',
    icon: 'dashboard',
    component: lazy(() => import('./benchmarks/BenchmarksPage')),
  },
  {
    path: 'benchmarks/:id',
    title: 'Benchmark',
    icon: 'dashboard',
    parent: 'benchmarks',
    component: lazy(() => import('./benchmark/BenchmarkPage')),
  },
  {
    path: 'runbooks',
    title: 'Runbooks',
    icon: 'book-open',
    alone: true,
    component: lazy(() => import('./runbooks/RunbooksPage')),
  },
  {
    path: 'runbooks/:alert',
    title: ':alert',
    icon: 'book-open',
    parent: 'runbooks',
    alone: true,
    component: lazy(() => import('./runbooks/RunbookPage')),
  },
];
