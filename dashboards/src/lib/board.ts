/** From a board file to Grafana's classic JSON: what is the same on every board is here. */
import { DATASOURCE, type Json } from './fields.ts';
import { layout } from './layout.ts';
import { panelJson } from './panels.ts';
import { m, ON_SERVER } from './promql.ts';
import type { Board, Variable } from './types.ts';

/** Of the classic model; Grafana 12 reads it as it is. */
const SCHEMA_VERSION = 41;
const TAGS = ['pgvigil', 'postgresql'];
const APP = '/a/pgvigil-database-app';

export function boardJson(board: Board): Json {
  const { uid, title, description, rows } = board;
  const panels = layout(rows).flatMap(({ row, panels }, i) => [
    { id: rowId(i), type: 'row', title: rows[i].title, collapsed: false, gridPos: row, panels: [] },
    ...rows[i].panels.map((panel, n) => panelJson(panel, panels[n])),
  ]);
  return {
    uid,
    title,
    description,
    tags: TAGS,
    editable: false,
    graphTooltip: 1,
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    timezone: 'browser',
    links: LINKS,
    annotations: { list: ANNOTATIONS },
    templating: { list: [DATASOURCE_VARIABLE, ...CHAIN.map(chained), ...(board.variables ?? []).map(more)] },
    panels,
  };
}

/** Links lead to panels, never to rows: any number will do that no panel has. */
const rowId = (i: number): number => 900 + i;

const appLink = (title: string, path: string, icon: string): Json => ({
  title,
  type: 'link',
  icon,
  url: `${APP}/${path}`,
  keepTime: true,
  includeVars: false,
  targetBlank: false,
  asDropdown: false,
  tags: [],
  tooltip: '',
});

const LINKS = [
  {
    title: 'Boards',
    type: 'dashboards',
    icon: 'external link',
    tags: ['pgvigil'],
    asDropdown: true,
    includeVars: true,
    keepTime: true,
    targetBlank: false,
    url: '',
    tooltip: '',
  },
  appLink('Queries', 'queries', 'dashboard'),
  appLink('Activity', 'activity', 'bolt'),
  appLink('Maintenance', 'maintenance', 'cloud'),
  appLink('Benchmarks', 'benchmarks', 'dashboard'),
  appLink('Runbooks', 'runbooks', 'doc'),
];

const annotation = (name: string, iconColor: string, expr: string, more: Json): Json => ({
  name,
  iconColor,
  expr,
  datasource: DATASOURCE,
  enable: true,
  /** Of the switch at the top: two are enough. */
  hide: false,
  step: '15s',
  ...more,
});

const begun = m('pgvigil_job_start_timestamp_seconds');
const ended = m('pgvigil_job_end_timestamp_seconds');
const loaded = m('pgvigil_benchmark_start_timestamp_seconds');
const left = m('pgvigil_benchmark_end_timestamp_seconds');
/** A value in milliseconds is where the mark stands; otherwise marks that follow each other become a region. */
const atValue = { useValueForTime: 'on' };

const ANNOTATIONS = [
  annotation('Actions', 'blue', `${begun} * 1000`, {
    ...atValue,
    titleFormat: '{{action}} begun',
    textFormat: 'by an action of pgvigil on {{instance}} {{target}}',
  }),
  annotation('Running actions', 'blue', `(${begun} > ${ended}) or (${begun} unless ${ended})`, {
    hide: true,
    titleFormat: '{{action}} running',
    textFormat: '{{instance}} {{target}}',
  }),
  annotation('Benchmarks', 'yellow', `${loaded} * 1000`, {
    ...atValue,
    titleFormat: '{{workload}} begun',
    textFormat: 'benchmark of pgvigil on {{target}}',
  }),
  annotation('Running benchmarks', 'yellow', `(${loaded} > ${left}) or (${loaded} unless ${left})`, {
    hide: true,
    titleFormat: '{{workload}} running',
    textFormat: 'benchmark of pgvigil on {{target}}',
  }),
  annotation('Restarts', 'purple', `${m('pg_postmaster_start_time_seconds')} * 1000`, {
    ...atValue,
    hide: true,
    titleFormat: 'PostgreSQL started',
    textFormat: '{{instance}} {{target}}',
  }),
  annotation(
    'Role changes',
    'orange',
    `${m('pg_replication_is_replica')} != ${ON_SERVER} ${m('pg_replication_is_replica')} offset 1m`,
    { hide: true, titleFormat: 'Became primary or standby', textFormat: '{{instance}} {{target}}' },
  ),
  annotation('Firing alerts', 'red', m('ALERTS', 'alertstate="firing"', 'severity!="none"'), {
    enable: false,
    titleFormat: '{{alertname}}',
    textFormat: '{{severity}} {{instance}} {{target}} {{datname}}',
    tagKeys: 'severity',
  }),
];

const DATASOURCE_VARIABLE = {
  name: 'datasource',
  label: 'Data source',
  type: 'datasource',
  query: 'prometheus',
  regex: '',
  current: {},
  hide: 0,
  includeAll: false,
  multi: false,
  options: [],
  refresh: 1,
};

/** Each chooses among what those before it leave. */
const CHAIN = [
  { name: 'job', label: 'Job', of: '{__name__=~"pg_up|pgbouncer_up"}', allValue: '.+' },
  // May be absent: nothing at all is one of its values.
  { name: 'cluster', label: 'Cluster', of: '{__name__=~"pg_up|pgbouncer_up", job=~"$job"}', allValue: '.*' },
  {
    name: 'instance',
    label: 'Instance',
    of: '{__name__=~"pg_up|pgbouncer_up", job=~"$job", cluster=~"$cluster"}',
    allValue: '.+',
  },
  {
    name: 'datname',
    label: 'Database',
    of: 'pg_stat_database_numbackends{job=~"$job", cluster=~"$cluster", instance=~"$instance", datname!=""}',
    allValue: '.*',
  },
];

const ALL = { selected: true, text: ['All'], value: ['$__all'] };
const SORTED = 1;
/** When the time range changes: what is there depends on when. */
const ON_TIME_RANGE = 2;

const chained = ({ name, label, of, allValue }: (typeof CHAIN)[number]): Json => ({
  ...queried({ name, label, query: `label_values(${of}, ${name})`, multi: true }),
  includeAll: true,
  allValue,
  current: ALL,
});

function queried({ name, label, query, regex = '', multi = false }: Variable): Json {
  return {
    name,
    label,
    type: 'query',
    datasource: DATASOURCE,
    definition: query,
    query: { query, refId: 'PrometheusVariableQueryEditor-VariableQuery' },
    regex,
    multi,
    hide: 0,
    options: [],
    refresh: ON_TIME_RANGE,
    sort: SORTED,
    skipUrlSync: false,
  };
}

const more = (variable: Variable): Json => ({
  ...queried(variable),
  includeAll: variable.multi ?? false,
  current: variable.multi ? ALL : {},
});
