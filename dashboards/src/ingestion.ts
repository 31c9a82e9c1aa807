import { DATABASE } from './lib/objects.ts';
import { m, onPrimary, rate, sum } from './lib/promql.ts';
import type { Board } from './lib/types.ts';
import { watched } from './lib/watched.ts';

const incomplete = sum(m('musicdb_incomplete_tracks'), 'datname');
const tracks = sum(m('pg_stat_user_tables_n_live_tup', 'schemaname="musicdb"', 'relname="tracks"'), 'datname');
const runs = (state: string): string => sum(m('musicdb_ingestion_runs', `state="${state}"`), 'datname');

export const ingestion: Board = {
  uid: 'pgvigil-ingestion',
  title: 'Music ingestion and data quality',
  description:
    'Whether tracks come in at the pace that was promised, how many are refused, and how good those are that stay.',
  rows: [
    {
      title: 'Now',
      panels: [
        {
          id: 11,
          type: 'stat',
          title: 'Tracks per hour',
          description: 'Rows read, at the pace of this moment. The target is 20,000 while a run is on.',
          unit: 'short',
          trend: true,
          queries: [{ expr: `sum(${onPrimary(watched('IngestionBelowTarget'))})` }],
          like: ['IngestionBelowTarget'],
        },
        {
          id: 12,
          type: 'stat',
          title: 'Rejected',
          description:
            'Part of the rows read. Below 5 % is the target; each is kept with its reason in musicdb.rejected_tracks.',
          unit: 'percentunit',
          decimals: 1,
          trend: true,
          queries: [{ expr: `max(${onPrimary(watched('IngestionErrorsHigh'))} >= 0)` }],
          like: ['IngestionErrorsHigh'],
        },
        {
          id: 13,
          type: 'stat',
          title: 'Runs at work',
          description: 'Runs that are open now.',
          unit: 'short',
          trend: true,
          queries: [{ expr: `sum(${onPrimary(runs('running'))})` }],
        },
        {
          id: 14,
          type: 'stat',
          title: 'Last sign of life',
          description: 'How long ago a run last moved.',
          unit: 's',
          queries: [{ expr: `min(${onPrimary(watched('IngestionStalled'))})` }],
        },
        {
          id: 15,
          type: 'stat',
          title: 'Incomplete tracks',
          description: 'Breaking a rule of the catalogue, each counted once for each rule it breaks.',
          unit: 'short',
          queries: [{ expr: `sum(${onPrimary(incomplete)})` }],
        },
        {
          id: 16,
          type: 'stat',
          title: 'Duplicate tracks',
          description: 'Rows beyond the first of each group that is the same recording.',
          unit: 'short',
          queries: [{ expr: `sum(${onPrimary(sum(m('pg_duplicate_rows')))})` }],
        },
      ],
    },
    {
      title: 'Ingestion',
      panels: [
        {
          id: 21,
          type: 'timeseries',
          title: 'Tracks per hour',
          description:
            'Rows read. Below the target while a run is on: see what its sessions wait for on the board of locks, and what its statements cost on that of queries.',
          unit: 'short',
          w: 12,
          queries: [{ expr: onPrimary(watched('IngestionBelowTarget')), legend: DATABASE }],
          alerts: ['IngestionBelowTarget'],
        },
        {
          id: 22,
          type: 'timeseries',
          title: 'What became of them',
          description: 'Rows per second: new, changed, as they were, refused.',
          unit: 'short',
          w: 12,
          stacked: true,
          queries: [
            {
              expr: onPrimary(sum(rate('musicdb_ingested_rows_total'), 'datname', 'outcome')),
              legend: `{{outcome}} ${DATABASE}`,
            },
          ],
        },
        {
          id: 23,
          type: 'timeseries',
          title: 'Rejected',
          description:
            'Part of the rows read. The reasons are in musicdb.rejected_tracks; a sudden rise is a source that changed its format.',
          unit: 'percentunit',
          softMax: 0.1,
          queries: [{ expr: onPrimary(watched('IngestionErrorsHigh')), legend: DATABASE }],
          alerts: ['IngestionErrorsHigh'],
        },
        {
          id: 24,
          type: 'timeseries',
          title: 'Since the last sign of life',
          description:
            'How long ago a run last moved. The alert counts only while one is open: its process died, or its batch hangs.',
          unit: 's',
          queries: [{ expr: onPrimary(watched('IngestionStalled')), legend: DATABASE }],
          alerts: ['IngestionStalled'],
        },
        {
          id: 25,
          type: 'timeseries',
          title: 'Rate of the run done last',
          description: 'Rows per second, within the run. Bulk loading should reach 5,000.',
          unit: 'short',
          queries: [{ expr: onPrimary(m('musicdb_ingestion_last_run_rows_per_second')), legend: DATABASE }],
        },
        {
          id: 26,
          type: 'timeseries',
          title: 'Runs that failed',
          description:
            'Failed or interrupted, all there ever were. A rise: musicdb.ingestion_log has the error of each; a run can be taken up where it ended.',
          unit: 'short',
          softMax: 1,
          w: 12,
          queries: [
            {
              expr: onPrimary(sum(m('musicdb_ingestion_runs', 'state=~"failed|interrupted"'), 'datname', 'state')),
              legend: `{{state}} ${DATABASE}`,
            },
          ],
          linked: ['IngestionRunFailed'],
        },
        {
          id: 27,
          type: 'timeseries',
          title: 'Runs done',
          description: 'Within each interval. None for long: nothing is delivered, or a run does not come to its end.',
          unit: 'short',
          bars: true,
          softMax: 1,
          w: 12,
          queries: [
            {
              expr: onPrimary(`delta(${m('musicdb_ingestion_runs', 'state="done"')}[$__rate_interval])`),
              legend: DATABASE,
            },
          ],
        },
      ],
    },
    {
      title: 'Quality',
      panels: [
        {
          id: 31,
          type: 'timeseries',
          title: 'Incomplete, by rule',
          description: 'Part of the tracks that break each rule. A rise follows an ingestion: look at its source.',
          unit: 'percentunit',
          queries: [{ expr: onPrimary(watched('IngestionTracksIncomplete')), legend: `{{rule}} ${DATABASE}` }],
          alerts: ['IngestionTracksIncomplete'],
        },
        {
          id: 32,
          type: 'bargauge',
          title: 'Incomplete tracks',
          description: 'Tracks that break each rule. musicdb.identify_incomplete_tracks lists them, the worst first.',
          unit: 'short',
          queries: [
            { expr: `sort_desc(sum by (rule) (${onPrimary(m('musicdb_incomplete_tracks'))}))`, legend: '{{rule}}' },
          ],
        },
        {
          id: 33,
          type: 'timeseries',
          title: 'Duplicates',
          description:
            'Part of the compared rows that repeat another. musicdb.find_duplicate_tracks lists the pairs with what makes them alike.',
          unit: 'percentunit',
          queries: [
            { expr: onPrimary(watched('IngestionDuplicatesHigh')), legend: `{{schemaname}}.{{relname}} ${DATABASE}` },
          ],
          alerts: ['IngestionDuplicatesHigh'],
        },
        {
          id: 34,
          type: 'timeseries',
          title: 'Tracks',
          description: 'Rows of musicdb.tracks, estimated.',
          unit: 'short',
          queries: [{ expr: onPrimary(tracks), legend: DATABASE }],
        },
        {
          id: 35,
          type: 'timeseries',
          title: 'Age of the checks',
          description:
            'How old the figures about duplicates and incomplete tracks are: they are counted in the background, every hour and every ten minutes.',
          unit: 's',
          queries: [
            {
              expr: onPrimary(
                sum(
                  m('pgvigil_collector_age_seconds', 'collector=~"duplicates|incomplete_tracks|ingestion"'),
                  'collector',
                  'datname',
                ),
              ),
              legend: `{{collector}} ${DATABASE}`,
            },
          ],
        },
        {
          id: 36,
          type: 'timeseries',
          title: 'Duration of the search for duplicates',
          description: 'It reads the whole table. When it takes minutes, give it a longer interval.',
          unit: 's',
          queries: [{ expr: onPrimary(m('pg_duplicates_check_seconds')), legend: `{{relname}} ${DATABASE}` }],
        },
      ],
    },
    {
      title: 'Where tracks are kept',
      panels: [
        {
          id: 41,
          type: 'timeseries',
          title: 'Size of the catalogue’s tables',
          description: 'With indexes.',
          unit: 'bytes',
          w: 12,
          queries: [
            {
              expr: onPrimary(
                sum(
                  `${m('pg_stat_user_tables_table_size_bytes', 'schemaname="musicdb"')} + ${m('pg_stat_user_tables_index_size_bytes')}`,
                  'datname',
                  'relname',
                ),
              ),
              legend: '{{relname}} {{datname}} {{instance}}',
            },
          ],
        },
        {
          id: 42,
          type: 'table',
          title: 'Materialized views',
          description: 'Views of the catalogue and what changed beneath since the last refresh.',
          labels: { instance: 'Instance', datname: 'Database', matviewname: 'View' },
          columns: [
            {
              title: 'Changes since',
              unit: 'short',
              expr: onPrimary(
                sum(m('pg_matview_changes_since_refresh', 'schemaname="musicdb"'), 'datname', 'matviewname'),
              ),
            },
            {
              title: 'Refreshed',
              unit: 'dateTimeFromNow',
              expr: onPrimary(
                `1000 * ${sum(m('pg_matview_last_refresh_timestamp_seconds', 'schemaname="musicdb"'), 'datname', 'matviewname')}`,
              ),
            },
          ],
          sort: 'Changes since',
        },
      ],
    },
  ],
};
