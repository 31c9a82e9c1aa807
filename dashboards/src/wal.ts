import { increase, m, overRange, rate, SERVER_NAME, steadyTop, sum } from './lib/promql.ts';
import type { Board } from './lib/types.ts';
import { watched } from './lib/watched.ts';

const of = (what: string): string => `${what} {{instance}} {{target}}`;
const io = (what: string): string => sum(rate(`pg_stat_io_${what}_total`), 'backend_type', 'context');
const BY_BACKEND = '{{backend_type}} {{context}} {{instance}}';
const perOperation = (what: string, operations: string): string =>
  `${sum(rate(`pg_stat_io_${what}_seconds_total`), 'backend_type')} / (${sum(rate(`pg_stat_io_${operations}_total`), 'backend_type')} > 0)`;
const relation = (what: string): string => sum(rate(`pg_stat_io_${what}_total`, 'object="relation"'), 'backend_type');

const requested = overRange(sum(rate('pg_stat_checkpointer_num_requested_total')));
const timed = overRange(sum(rate('pg_stat_checkpointer_num_timed_total')));

export const wal: Board = {
  uid: 'pgvigil-wal',
  title: 'WAL, checkpoints and I/O',
  description: 'What is written, how often and by whom; whether the archive keeps up; how fast the disks answer.',
  rows: [
    {
      title: 'Health now',
      panels: [
        {
          id: 11,
          type: 'stat',
          title: 'WAL written',
          description: 'Per second, on all servers chosen.',
          unit: 'binBps',
          trend: true,
          queries: [{ expr: `sum(${rate('pg_stat_wal_bytes_total')})` }],
        },
        {
          id: 12,
          type: 'stat',
          title: 'WAL on disk',
          description:
            'As a multiple of what the settings want to keep. More: a slot, the archive or a checkpoint holds it back.',
          unit: 'percentunit',
          decimals: 0,
          trend: true,
          queries: [{ expr: `max(${watched('PostgresWalSizeHigh')})` }],
          like: ['PostgresWalSizeHigh'],
        },
        {
          id: 13,
          type: 'stat',
          title: 'On request',
          description:
            'Part of all checkpoints in this window that were requested. They should come by the clock; a high part wants a larger max_wal_size.',
          unit: 'percentunit',
          decimals: 0,
          queries: [
            {
              expr: `max(${requested} / (${requested} + ${timed} > 0)) or vector(0)`,
            },
          ],
          like: ['PostgresCheckpointsTooFrequent'],
        },
        {
          id: 14,
          type: 'stat',
          title: 'Failed to archive',
          description:
            'Attempts since the counters began, of all servers. Rising: WAL piles up until the disk is full.',
          unit: 'short',
          trend: true,
          queries: [{ expr: `sum(${m('pg_stat_archiver_failed_count')})` }],
        },
        {
          id: 15,
          type: 'stat',
          title: 'Last archived',
          description: 'How long ago a WAL file was archived. As long as little is written, that may be long.',
          unit: 's',
          empty: 'Nothing was archived',
          queries: [{ expr: `max(time() - ${m('pg_stat_archiver_last_archived_timestamp_seconds')})` }],
        },
        {
          id: 16,
          type: 'stat',
          title: 'WAL buffers full',
          description: 'Per second: sessions that had to write WAL themselves to get room. Often: raise wal_buffers.',
          unit: 'cps',
          trend: true,
          queries: [{ expr: `sum(${rate('pg_stat_wal_buffers_full_total')})` }],
        },
      ],
    },
    {
      title: 'WAL',
      panels: [
        {
          id: 21,
          type: 'timeseries',
          title: 'WAL written',
          description: 'Bytes per second. This much has to be archived, sent to each standby and replayed there.',
          unit: 'binBps',
          queries: [{ expr: rate('pg_stat_wal_bytes_total'), legend: SERVER_NAME }],
        },
        {
          id: 22,
          type: 'timeseries',
          title: 'Records and whole pages',
          description:
            'Per second. After each checkpoint the first change of a page is written as the whole page: many of them want fewer checkpoints.',
          unit: 'short',
          queries: [
            { expr: rate('pg_stat_wal_records_total'), legend: of('records') },
            { expr: rate('pg_stat_wal_fpi_total'), legend: of('whole pages') },
          ],
        },
        {
          id: 23,
          type: 'timeseries',
          title: 'WAL on disk',
          description:
            'As a multiple of max_wal_size and wal_keep_size. It grows while a slot is behind or the archive fails: see the board of replication.',
          unit: 'percentunit',
          softMax: 1,
          queries: [{ expr: watched('PostgresWalSizeHigh'), legend: SERVER_NAME }],
          alerts: ['PostgresWalSizeHigh'],
        },
        {
          id: 24,
          type: 'timeseries',
          title: 'Time to write and sync WAL',
          description: 'Mean of one write and one sync. Commits wait for the sync; needs track_wal_io_timing.',
          unit: 's',
          queries: [
            {
              expr: `${rate('pg_stat_wal_write_seconds_total')} / (${rate('pg_stat_wal_write_total')} > 0)`,
              legend: of('write'),
            },
            {
              expr: `${rate('pg_stat_wal_sync_seconds_total')} / (${rate('pg_stat_wal_sync_total')} > 0)`,
              legend: of('sync'),
            },
          ],
        },
        {
          id: 25,
          type: 'timeseries',
          title: 'Writes and syncs of WAL',
          description:
            'Per second. As many syncs as commits: nothing is grouped; commit_delay or fewer, larger transactions would help.',
          unit: 'ops',
          queries: [
            { expr: rate('pg_stat_wal_write_total'), legend: of('writes') },
            { expr: rate('pg_stat_wal_sync_total'), legend: of('syncs') },
          ],
        },
        {
          id: 26,
          type: 'timeseries',
          title: 'Archiving',
          description:
            'WAL files archived, and attempts that failed, within each interval. The log has the archive_command’s own words.',
          unit: 'short',
          bars: true,
          softMax: 1,
          queries: [
            { expr: increase('pg_stat_archiver_archived_count'), legend: of('archived') },
            { expr: increase('pg_stat_archiver_failed_count'), legend: of('failed') },
          ],
          linked: ['PostgresArchivingFailing'],
        },
      ],
    },
    {
      title: 'Checkpoints',
      panels: [
        {
          id: 31,
          type: 'timeseries',
          title: 'Checkpoints',
          description:
            'By the clock (checkpoint_timeout) and on request, by WAL size or by hand. Most should be by the clock.',
          unit: 'short',
          bars: true,
          softMax: 1,
          queries: [
            { expr: increase('pg_stat_checkpointer_num_timed_total'), legend: of('by the clock') },
            { expr: increase('pg_stat_checkpointer_num_requested_total'), legend: of('requested') },
          ],
          linked: ['PostgresCheckpointsTooFrequent'],
        },
        {
          id: 32,
          type: 'timeseries',
          title: 'Time of checkpoints',
          description:
            'Seconds per second spent writing (spread on purpose) and syncing. Syncs that take long stall everybody: the disk’s queue is full.',
          unit: 's',
          queries: [
            { expr: rate('pg_stat_checkpointer_write_time_seconds_total'), legend: of('writing') },
            { expr: rate('pg_stat_checkpointer_sync_time_seconds_total'), legend: of('syncing') },
          ],
        },
        {
          id: 33,
          type: 'timeseries',
          title: 'Buffers written, by whom',
          description:
            'Per second. Sessions (client backend) should not have to: then the background writer is too slow or shared_buffers too small.',
          unit: 'ops',
          queries: [
            { expr: rate('pg_stat_checkpointer_buffers_written_total'), legend: of('checkpointer') },
            { expr: rate('pg_stat_bgwriter_buffers_clean_total'), legend: of('background writer') },
            {
              expr: sum(rate('pg_stat_io_writes_total', 'backend_type="client backend"', 'object="relation"')),
              legend: of('sessions'),
            },
          ],
        },
      ],
    },
    {
      title: 'Reads and writes',
      panels: [
        {
          id: 41,
          type: 'timeseries',
          title: 'Read',
          description:
            'Bytes per second, by kind of process and context. bulkread is a large scan, vacuum is vacuum, normal is everybody else.',
          unit: 'binBps',
          w: 12,
          queries: [{ expr: steadyTop(10, io('read_bytes')), legend: BY_BACKEND }],
        },
        {
          id: 42,
          type: 'timeseries',
          title: 'Written',
          description: 'Bytes per second, by kind of process and context.',
          unit: 'binBps',
          w: 12,
          queries: [{ expr: steadyTop(10, io('write_bytes')), legend: BY_BACKEND }],
        },
        {
          id: 43,
          type: 'timeseries',
          title: 'Time of a read',
          description:
            'Mean, by kind of process. Some microseconds come from the page cache, milliseconds from a disk; needs track_io_timing.',
          unit: 's',
          queries: [{ expr: perOperation('read', 'reads'), legend: '{{backend_type}} {{instance}} {{target}}' }],
        },
        {
          id: 44,
          type: 'timeseries',
          title: 'Time of a write',
          description: 'Mean, by kind of process.',
          unit: 's',
          queries: [{ expr: perOperation('write', 'writes'), legend: '{{backend_type}} {{instance}} {{target}}' }],
        },
        {
          id: 45,
          type: 'timeseries',
          title: 'Time of a sync',
          description: 'Mean of fsync, by kind of process. The first to suffer from a saturated disk.',
          unit: 's',
          empty: 'Nothing was synced',
          queries: [{ expr: perOperation('fsync', 'fsyncs'), legend: '{{backend_type}} {{instance}} {{target}}' }],
        },
        {
          id: 46,
          type: 'timeseries',
          title: 'Found in shared buffers',
          description: 'Part of the blocks of tables and indexes, by kind of process.',
          unit: 'percentunit',
          min: null,
          max: 1,
          w: 12,
          queries: [
            {
              expr: `${relation('hits')} / (${relation('hits')} + ${relation('reads')} > 0)`,
              legend: '{{backend_type}} {{instance}} {{target}}',
            },
          ],
        },
        {
          id: 47,
          type: 'timeseries',
          title: 'Buffers thrown out',
          description:
            'Per second, to make room for other blocks. Many with a low hit rate: shared_buffers is smaller than the working set.',
          unit: 'ops',
          softMax: 1,
          w: 12,
          queries: [
            {
              expr: sum(rate('pg_stat_io_evictions_total'), 'backend_type'),
              legend: '{{backend_type}} {{instance}} {{target}}',
            },
          ],
        },
        {
          id: 48,
          type: 'timeseries',
          title: 'Files made longer',
          description: 'Bytes per second that tables and indexes grew by.',
          unit: 'binBps',
          softMax: 1024,
          w: 12,
          queries: [{ expr: sum(rate('pg_stat_io_extend_bytes_total')), legend: SERVER_NAME }],
        },
        {
          id: 49,
          type: 'timeseries',
          title: 'Small caches',
          description:
            'Blocks per second that the caches of transaction status, subtransactions and the like read from disk. Much of subtransaction: savepoints beside a long transaction.',
          unit: 'ops',
          softMax: 1,
          w: 12,
          queries: [
            {
              expr: steadyTop(8, sum(rate('pg_stat_slru_blks_read_total'), 'name')),
              legend: '{{name}} {{instance}} {{target}}',
            },
          ],
        },
      ],
    },
  ],
};
