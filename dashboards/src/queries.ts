import { DATABASE } from './lib/objects.ts';
import { m, rate, SERVER_NAME, steadyTop, sum } from './lib/promql.ts';
import type { Board } from './lib/types.ts';
import { watched } from './lib/watched.ts';

const STATEMENT = '{{queryid}} {{datname}} {{instance}}';

const perDatabase = (what: string): string => sum(rate(`pg_stat_statements_${what}_total`), 'datname');
/** `other` is the row of all statements that have none of their own. */
const perStatement = (what: string): string =>
  sum(rate(`pg_stat_statements_${what}_total`, 'queryid!="other"'), 'datname', 'queryid');
const hits = perDatabase('shared_blocks_hit');
const reads = perDatabase('shared_blocks_read');

export const queries: Board = {
  uid: 'pgvigil-queries',
  title: 'Queries',
  description: 'Which statements take the time, whether they got slower, and what they make the server do.',
  rows: [
    {
      title: 'Speed now',
      panels: [
        {
          id: 11,
          type: 'stat',
          title: 'Mean query time',
          description:
            'Time of all statements divided by their number, of the slowest server. Below 50 ms is the target.',
          unit: 's',
          trend: true,
          queries: [
            {
              expr: `max(${sum(rate('pg_stat_statements_seconds_total'))} / ${sum(rate('pg_stat_statements_calls_total'))})`,
            },
          ],
          like: ['PostgresQueryLatencyHigh'],
        },
        {
          id: 12,
          type: 'stat',
          title: 'Statements',
          description: 'Executed per second, on all servers chosen.',
          unit: 'ops',
          trend: true,
          queries: [{ expr: `sum(${rate('pg_stat_statements_calls_total')})` }],
        },
        {
          id: 13,
          type: 'stat',
          title: 'Load',
          description:
            'Seconds of execution per second: how many sessions execute at a time, on average. Near the number of processors, statements begin to wait.',
          unit: 'short',
          decimals: 2,
          trend: true,
          queries: [{ expr: `sum(${rate('pg_stat_statements_seconds_total')})` }],
        },
        {
          id: 14,
          type: 'stat',
          title: 'Longest running now',
          description: 'Of all clients’ statements. The page Activity shows which it is and can cancel it.',
          unit: 's',
          trend: true,
          queries: [{ expr: `max(${m('pg_sessions_oldest_query_seconds')})` }],
        },
        {
          id: 15,
          type: 'stat',
          title: 'Rolled back',
          description:
            'Part of the transactions that ended in ROLLBACK or an error; the database with the highest part.',
          unit: 'percentunit',
          trend: true,
          queries: [{ expr: `max(${watched('PostgresRollbacksHigh')} >= 0)` }],
          like: ['PostgresRollbacksHigh'],
        },
        {
          id: 16,
          type: 'stat',
          title: 'Temporary files',
          description: 'Written per second by sorts and hashes that did not fit into work_mem.',
          unit: 'binBps',
          trend: true,
          queries: [{ expr: `sum(${watched('PostgresTempFilesHigh')})` }],
          like: ['PostgresTempFilesHigh'],
        },
      ],
    },
    {
      title: 'The statements that cost most',
      panels: [
        {
          id: 21,
          type: 'pgvigil-queries-panel',
          title: 'Statements of this window',
          h: 13,
          description:
            'From the exporter’s own history, with their text: each leads to its page with plans, waits and candidates for an index. It shows the first target of the exporter that the app asks.',
          options: { target: '', database: '', limit: 10, sort: 'load', columns: [] },
        },
      ],
    },
    {
      title: 'Time',
      panels: [
        {
          id: 31,
          type: 'timeseries',
          title: 'Mean query time',
          description:
            'By database. Those with less than a statement per second are drawn, but not judged by the alert.',
          unit: 's',
          queries: [{ expr: watched('PostgresQueryLatencyHigh'), legend: DATABASE }],
          alerts: ['PostgresQueryLatencyHigh'],
        },
        {
          id: 32,
          type: 'timeseries',
          title: 'Load by database',
          description: 'Seconds of execution per second. What is on top is where tuning pays.',
          unit: 'short',
          stacked: true,
          queries: [{ expr: perDatabase('seconds'), legend: DATABASE }],
        },
        {
          id: 33,
          type: 'timeseries',
          title: 'Statements by database',
          description: 'Executed per second. Load that rises while this does not: statements got slower.',
          unit: 'ops',
          queries: [{ expr: perDatabase('calls'), legend: DATABASE }],
        },
        {
          id: 34,
          type: 'timeseries',
          title: 'Load by statement',
          description:
            'The eight that take most time, by queryid: seconds of execution per second. A step up is a changed plan, more data or more calls.',
          unit: 'short',
          w: 12,
          queries: [{ expr: steadyTop(8, perStatement('seconds')), legend: STATEMENT }],
        },
        {
          id: 35,
          type: 'timeseries',
          title: 'Mean time of those statements',
          description:
            'Of the eight that take most time. A regression is one that takes three times what it took the day before.',
          unit: 's',
          w: 12,
          queries: [
            {
              expr: steadyTop(
                8,
                `${perStatement('seconds')} / (${perStatement('calls')} > 0)`,
                perStatement('seconds'),
              ),
              legend: STATEMENT,
            },
          ],
          linked: ['PostgresStatementRegressed'],
        },
      ],
    },
    {
      title: 'What they make the server do',
      panels: [
        {
          id: 41,
          type: 'timeseries',
          title: 'Rows returned or changed',
          description: 'Per second. Many rows with few statements: somebody reads what he then throws away.',
          unit: 'short',
          queries: [{ expr: perDatabase('rows'), legend: DATABASE }],
        },
        {
          id: 42,
          type: 'timeseries',
          title: 'Blocks read into shared buffers',
          description:
            'Per second, by database: from the page cache or the disk. Compare with the time that reading takes, at the right.',
          unit: 'short',
          queries: [{ expr: reads, legend: DATABASE }],
        },
        {
          id: 43,
          type: 'timeseries',
          title: 'Found in shared buffers',
          description:
            'Part of the blocks that statements needed. It falls where a table is read as a whole: look for a missing index.',
          unit: 'percentunit',
          min: null,
          max: 1,
          queries: [{ expr: `${hits} / (${hits} + ${reads} > 0)`, legend: DATABASE }],
        },
        {
          id: 44,
          type: 'timeseries',
          title: 'Time spent on blocks',
          description:
            'Seconds per second that statements waited for reads and writes of blocks; needs track_io_timing.',
          unit: 's',
          queries: [
            {
              expr: sum(rate('pg_stat_statements_block_read_seconds_total')),
              legend: 'reading {{instance}} {{target}}',
            },
            {
              expr: sum(rate('pg_stat_statements_block_write_seconds_total')),
              legend: 'writing {{instance}} {{target}}',
            },
          ],
        },
        {
          id: 45,
          type: 'timeseries',
          title: 'Temporary files',
          description:
            'Bytes written per second, by database. Raise work_mem for the statement that does it, not for all.',
          unit: 'binBps',
          queries: [{ expr: watched('PostgresTempFilesHigh'), legend: DATABASE }],
          alerts: ['PostgresTempFilesHigh'],
        },
        {
          id: 46,
          type: 'timeseries',
          title: 'WAL by statement',
          description: 'The eight that write most. WAL has to be written, archived, sent and replayed.',
          unit: 'binBps',
          queries: [{ expr: steadyTop(8, perStatement('wal_bytes')), legend: STATEMENT }],
        },
      ],
    },
    {
      title: 'Transactions and compiling',
      panels: [
        {
          id: 51,
          type: 'timeseries',
          title: 'Rolled back',
          description:
            'Part of the transactions, by database. The alert counts only from one per second; the server’s log has the errors.',
          unit: 'percentunit',
          softMax: 0.1,
          queries: [{ expr: watched('PostgresRollbacksHigh'), legend: DATABASE }],
          alerts: ['PostgresRollbacksHigh'],
        },
        {
          id: 52,
          type: 'timeseries',
          title: 'Transactions',
          description: 'Committed per second, by database.',
          unit: 'ops',
          queries: [{ expr: sum(rate('pg_stat_database_xact_commit'), 'datname'), legend: DATABASE }],
        },
        {
          id: 53,
          type: 'timeseries',
          title: 'Just-in-time compilation',
          description: 'Seconds per second spent compiling. A lot with short statements: raise jit_above_cost.',
          unit: 's',
          softMax: 0.01,
          queries: [{ expr: sum(rate('pg_stat_statements_jit_seconds_total')), legend: SERVER_NAME }],
        },
        {
          id: 54,
          type: 'timeseries',
          title: 'Rows written',
          description: 'Inserted, updated and deleted per second.',
          unit: 'short',
          queries: [
            { expr: sum(rate('pg_stat_database_tup_inserted')), legend: 'inserted {{instance}} {{target}}' },
            { expr: sum(rate('pg_stat_database_tup_updated')), legend: 'updated {{instance}} {{target}}' },
            { expr: sum(rate('pg_stat_database_tup_deleted')), legend: 'deleted {{instance}} {{target}}' },
          ],
        },
        {
          id: 55,
          type: 'timeseries',
          title: 'Parallel workers',
          description:
            'Planned and started per second, by statements. Fewer started than planned: max_parallel_workers is used up. Needs PostgreSQL 18.',
          unit: 'cps',
          softMax: 1,
          queries: [
            {
              expr: sum(rate('pg_stat_statements_parallel_workers_to_launch_total')),
              legend: 'planned {{instance}} {{target}}',
            },
            {
              expr: sum(rate('pg_stat_statements_parallel_workers_launched_total')),
              legend: 'started {{instance}} {{target}}',
            },
          ],
        },
        {
          id: 56,
          type: 'timeseries',
          title: 'Functions',
          description: 'Seconds per second in a function itself, the eight with most; needs track_functions.',
          unit: 's',
          empty: 'Nothing was counted: track_functions is off, or no function was called',
          queries: [
            {
              expr: steadyTop(
                8,
                sum(rate('pg_stat_user_functions_self_seconds_total'), 'datname', 'schemaname', 'funcname'),
              ),
              legend: '{{schemaname}}.{{funcname}} {{datname}} {{instance}}',
            },
          ],
        },
      ],
    },
  ],
};
