import { m, max, rate, SERVER_NAME, steadyTop, sum, top } from './lib/promql.ts';
import type { Board, Mapping } from './lib/types.ts';
import { watched } from './lib/watched.ts';

/** Prometheus counts the samples of everything it scrapes. */
const OURS = 'job=~".*(pgvigil|postgres|pgbouncer).*"';
const COLLECTOR = '{{collector}} {{instance}} {{target}}';
const UP: readonly Mapping[] = [
  { value: 0, text: 'Down', color: 'red' },
  { value: 1, text: 'Up', color: 'green' },
];

const begun = max(m('pgvigil_job_start_timestamp_seconds'), 'action');
const ended = max(m('pgvigil_job_end_timestamp_seconds'), 'action');

export const exporter: Board = {
  uid: 'pgvigil-exporter',
  title: 'The exporter itself',
  description: 'Whether what the other boards show is there, complete and fresh; and what it costs to know it.',
  rows: [
    {
      title: 'Health now',
      panels: [
        {
          id: 11,
          type: 'stat',
          title: 'Exporter',
          description:
            'Whether Prometheus reaches each exporter. Down: nobody watches, and no other board or alert says anything.',
          unit: 'none',
          mappings: UP,
          queries: [{ expr: watched('PgvigilExporterDown'), legend: SERVER_NAME }],
          alerts: ['PgvigilExporterDown'],
          linked: ['PgvigilTargetMissing'],
        },
        {
          id: 12,
          type: 'stat',
          title: 'Scrape',
          description: 'The slowest. Prometheus waits 10 s and then has nothing.',
          unit: 's',
          trend: true,
          queries: [{ expr: `max(${watched('PgvigilScrapeSlow')})` }],
          like: ['PgvigilScrapeSlow'],
        },
        {
          id: 13,
          type: 'stat',
          title: 'Cost to the database',
          description:
            'Seconds per second that a server worked for us, the one with most: 1 % is one hundredth of a processor.',
          unit: 'percentunit',
          decimals: 1,
          trend: true,
          queries: [{ expr: `max(${watched('PgvigilDatabaseCostHigh')})` }],
          like: ['PgvigilDatabaseCostHigh'],
        },
        {
          id: 14,
          type: 'stat',
          title: 'Failing collectors',
          description: 'Those whose last run failed. The table below says which, and why.',
          unit: 'short',
          queries: [{ expr: `count(${m('pg_scrape_collector_success')} == 0) or vector(0)` }],
        },
        {
          id: 15,
          type: 'stat',
          title: 'Samples',
          description: 'In one scrape, of all exporters: what Prometheus has to keep.',
          unit: 'short',
          trend: true,
          queries: [{ expr: `sum(${m('scrape_samples_scraped', OURS)})` }],
        },
        {
          id: 16,
          type: 'stat',
          title: 'API',
          description: 'Mean time of an answer to the app’s pages, the slowest exporter. Below 100 ms is the target.',
          unit: 's',
          trend: true,
          empty: 'Not asked',
          queries: [{ expr: `max(${watched('PgvigilApiSlow')} >= 0)` }],
          like: ['PgvigilApiSlow'],
        },
      ],
    },
    {
      title: 'Is anything missing',
      panels: [
        {
          id: 21,
          type: 'state-timeline',
          title: 'Targets',
          description: 'Whether each server and pooler was reached. Gaps are scrapes that did not come.',
          unit: 'none',
          mappings: UP,
          queries: [
            { expr: m('pg_up'), legend: 'PostgreSQL {{instance}} {{target}}' },
            { expr: m('pgbouncer_up'), legend: 'PgBouncer {{instance}} {{target}}' },
          ],
          linked: ['PgvigilInputMissing', 'Watchdog'],
        },
        {
          id: 22,
          type: 'table',
          title: 'What is left out, and why',
          description:
            'Each collector that gives less than it could: a missing right, extension, setting, or a deadline. The page Configuration has the cure of each.',
          h: 6,
          empty: 'Every collector gives all it can',
          labels: {
            instance: 'Instance',
            target: 'Target',
            collector: 'Collector',
            datname: 'Database',
            reason: 'Reason',
          },
          columns: [
            {
              title: '',
              unit: 'none',
              hidden: true,
              expr: sum(m('pgvigil_collector_problem'), 'collector', 'datname', 'reason'),
            },
          ],
        },
        {
          id: 23,
          type: 'table',
          title: 'Collectors that fail',
          description: 'Their last run failed; the exporter’s log has the error.',
          empty: 'None fails',
          labels: { instance: 'Instance', target: 'Target', collector: 'Collector' },
          columns: [
            {
              title: 'Success',
              unit: 'none',
              alerting: true,
              expr: `${sum(watched('PgvigilCollectorFailing'), 'collector')} == 0`,
            },
          ],
          alerts: ['PgvigilCollectorFailing'],
        },
        {
          id: 24,
          type: 'timeseries',
          title: 'Age of background figures',
          description: 'The oldest of each collector. More than twice its interval: it does not manage.',
          unit: 's',
          w: 12,
          queries: [
            {
              expr: steadyTop(10, `max by (collector) (${m('pgvigil_collector_age_seconds')})`),
              legend: '{{collector}}',
            },
          ],
        },
      ],
    },
    {
      title: 'What it costs',
      panels: [
        {
          id: 31,
          type: 'timeseries',
          title: 'Cost to the database',
          description:
            'Seconds per second that the server worked for us, as seen by the client. Too much: switch off what you do not look at.',
          unit: 'percentunit',
          queries: [{ expr: watched('PgvigilDatabaseCostHigh'), legend: SERVER_NAME }],
          alerts: ['PgvigilDatabaseCostHigh'],
        },
        {
          id: 32,
          type: 'timeseries',
          title: 'Cost by collector',
          description: 'The eight that cost most.',
          unit: 'percentunit',
          queries: [
            { expr: steadyTop(8, sum(rate('pgvigil_database_seconds_total'), 'collector')), legend: COLLECTOR },
          ],
        },
        {
          id: 33,
          type: 'timeseries',
          title: 'Duration of a scrape',
          description: 'As Prometheus sees it. It has to end well before the next one.',
          unit: 's',
          queries: [{ expr: watched('PgvigilScrapeSlow'), legend: SERVER_NAME }],
          alerts: ['PgvigilScrapeSlow'],
        },
        {
          id: 34,
          type: 'timeseries',
          title: 'Duration by collector',
          description: 'Of the last run, the eight slowest.',
          unit: 's',
          queries: [
            { expr: steadyTop(8, sum(m('pg_scrape_collector_duration_seconds'), 'collector')), legend: COLLECTOR },
          ],
        },
        {
          id: 35,
          type: 'timeseries',
          title: 'Connections held',
          description: 'To each server; five at most.',
          unit: 'short',
          max: 6,
          queries: [{ expr: m('pgvigil_connections'), legend: SERVER_NAME }],
        },
        {
          id: 36,
          type: 'timeseries',
          title: 'Samples in a scrape',
          description:
            'A step up is a new table, database or statement. The budgets of the collectors set an end to it.',
          unit: 'short',
          queries: [{ expr: m('scrape_samples_scraped', OURS), legend: '{{instance}}' }],
        },
        {
          id: 37,
          type: 'table',
          title: 'Objects added up as “other”',
          description: 'What a collector’s budget did not leave room for. Raise it, or be content with the largest.',
          labels: { instance: 'Instance', target: 'Target', collector: 'Collector', datname: 'Database' },
          columns: [
            {
              title: 'Objects',
              unit: 'short',
              expr: top(20, sum(m('pgvigil_collector_folded_objects'), 'collector', 'datname')),
            },
          ],
          sort: 'Objects',
          empty: 'None',
        },
        {
          id: 38,
          type: 'timeseries',
          title: 'Scrapes and collections',
          description:
            'Per second. Scrapes less than a second apart share one collection: two Prometheus servers cost hardly more than one.',
          unit: 'cps',
          w: 12,
          queries: [
            { expr: rate('pg_exporter_scrapes_total'), legend: 'scrapes {{instance}} {{target}}' },
            { expr: rate('pgvigil_collections_total'), legend: 'collections {{instance}} {{target}}' },
          ],
        },
      ],
    },
    {
      title: 'API and actions',
      panels: [
        {
          id: 41,
          type: 'timeseries',
          title: 'Mean time of an answer',
          description: 'Of the API that the app’s pages ask.',
          unit: 's',
          empty: 'The app has not asked',
          queries: [{ expr: watched('PgvigilApiSlow'), legend: '{{instance}}' }],
          alerts: ['PgvigilApiSlow'],
        },
        {
          id: 42,
          type: 'timeseries',
          title: 'Requests',
          description: 'Per second, by status. 403: a role that may not; 5xx: the exporter’s log says why.',
          unit: 'reqps',
          empty: 'The app has not asked',
          queries: [
            { expr: `sum by (code) (${rate('pgvigil_api_request_duration_seconds_count')})`, legend: '{{code}}' },
          ],
        },
        {
          id: 43,
          type: 'table',
          title: 'Last actions',
          description:
            'The last of each kind that this exporter ran. The page Maintenance has the audit of all, with their outcome.',
          w: 8,
          empty: 'No action has been run',
          labels: { instance: 'Instance', target: 'Target', action: 'Action' },
          columns: [
            { title: 'Begun', unit: 'dateTimeFromNow', expr: `1000 * ${begun}` },
            { title: 'Took', unit: 's', expr: `${ended} - ${begun} >= 0` },
          ],
          linked: ['PgvigilActionFailed'],
        },
      ],
    },
  ],
};
