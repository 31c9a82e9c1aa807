import React from 'react';
import { Tooltip } from '@grafana/ui';
import type { Statement } from '@pgvigil/exporter/contract';
import { formatIn } from '../../lib/format';
import { LoadSparkline } from '../charts/LoadSparkline';
import { ShareBar } from '../charts/ShareBar';
import { StatementLine } from '../sql/StatementLine';
import type { Column } from '../table';
import { ChangeMark } from './ChangeMark';
import { Wait } from './Wait';

const IDLE = 'It was not called in this window.';
const NOT_COUNTED = 'track_io_timing is off on this server.';
const ONCE = 'A spread needs two calls.';

const perCall = (value: (row: Statement) => number) => (row: Statement) =>
  row.figures.calls > 0 ? value(row) / row.figures.calls : null;
const idle = (row: Statement) => (row.figures.calls > 0 ? null : IDLE);

/**
 * Of lists of statements, on the page and on the panel. `sort` are the API's names.
 * @param rows shown: the longest bar is that of the largest share, and where none can be compared there is no change.
 */
export function statementColumns(rows: readonly Statement[]): Column<Statement>[] {
  const largestShare = Math.max(0, ...rows.map(({ figures }) => figures.share));
  return [
    {
      id: 'statement',
      title: 'Statement',
      always: true,
      grow: true,
      cell: (row) => <StatementLine text={row.text} tables={row.tables} />,
    },
    { id: 'user', title: 'User', hidden: true, cell: (row) => row.user },
    { id: 'database', title: 'Database', hidden: true, cell: (row) => row.database },
    {
      id: 'load',
      title: 'Load',
      help: 'Part of the execution time of all statements in this window (pg_stat_statements.total_exec_time).',
      sort: 'load',
      quantity: 'ratio',
      width: 96,
      value: (row) => row.figures.share,
      cell: (row, scale) => (
        <ShareBar
          ratio={largestShare > 0 ? row.figures.share / largestShare : 0}
          text={formatIn(scale, row.figures.share)}
        />
      ),
    },
    {
      id: 'trend',
      title: 'Trend',
      help: 'Load through the window, each at its own height. Breaks are times without history.',
      width: 64,
      from: 720,
      cell: (row) => <LoadSparkline values={row.sparkline} />,
    },
    {
      id: 'calls',
      title: 'Calls',
      help: 'Calls per second, mean of the window.',
      sort: 'calls',
      quantity: 'perSecond',
      value: (row) => row.figures.callsPerSecond,
    },
    {
      id: 'mean',
      title: 'Mean ± spread',
      help: 'Time per call and its standard deviation, both exact.',
      sort: 'mean',
      quantity: 'seconds',
      value: (row) => row.figures.meanSeconds,
      unknown: () => IDLE,
      cell: (row, scale) => (
        <span style={{ whiteSpace: 'nowrap' }}>
          {formatIn(scale, row.figures.meanSeconds!)}
          {row.figures.spreadSeconds !== null && ` ± ${formatIn(scale, row.figures.spreadSeconds)}`}
        </span>
      ),
    },
    {
      id: 'p95',
      title: '≈ p95',
      help: 'Estimated from mean and spread as if log-normal: PostgreSQL keeps no histogram.',
      sort: 'p95',
      from: 1200,
      quantity: 'seconds',
      estimate: true,
      value: (row) => row.figures.p95EstimateSeconds,
      unknown: () => ONCE,
    },
    {
      id: 'rows',
      title: 'Rows',
      per: '/call',
      sort: 'rowsPerCall',
      from: 1080,
      quantity: 'count',
      value: (row) => row.figures.rowsPerCall,
      unknown: () => IDLE,
    },
    {
      id: 'read',
      title: 'Read',
      per: '/call',
      help: "Shared blocks read from disk or the operating system's cache.",
      sort: 'read',
      from: 960,
      quantity: 'bytes',
      value: perCall((row) => row.figures.sharedReadBytes),
      unknown: idle,
    },
    {
      id: 'change',
      title: 'Change',
      help: 'Time per call against the window of the same length before, where it is beyond noise.',
      sort: 'change',
      firstOrder: 'desc',
      align: 'right',
      from: 600,
      hidden: rows.length > 0 && rows.every(({ change }) => change.kind === 'unknown'),
      cell: (row) => <ChangeMark change={row.change} />,
    },
    {
      id: 'wait',
      title: 'Main wait',
      help: 'What its sessions were seen waiting for most often; CPU: for nothing.',
      width: 112,
      from: 840,
      cell: (row) => (row.mainWait === null ? <NotSeen /> : <Wait wait={row.mainWait} short />),
    },
    {
      id: 'spread',
      title: 'Spread',
      sort: 'spread',
      hidden: true,
      quantity: 'seconds',
      value: (row) => row.figures.spreadSeconds,
      unknown: () => ONCE,
    },
    {
      id: 'total',
      title: 'Time',
      sort: 'load',
      hidden: true,
      quantity: 'seconds',
      help: 'Execution time in the window, all calls.',
      value: (row) => row.figures.totalSeconds,
    },
    { id: 'allRows', title: 'Rows', sort: 'rows', hidden: true, quantity: 'count', value: (row) => row.figures.rows },
    {
      id: 'temp',
      title: 'Temporary files',
      sort: 'temp',
      hidden: true,
      quantity: 'bytes',
      value: (row) => row.figures.tempBytes,
    },
    { id: 'wal', title: 'WAL', sort: 'wal', hidden: true, quantity: 'bytes', value: (row) => row.figures.walBytes },
    {
      id: 'io',
      title: 'Time in I/O',
      hidden: true,
      quantity: 'seconds',
      value: (row) => row.figures.ioSeconds,
      unknown: () => NOT_COUNTED,
    },
  ];
}

/** No sample is no statement about what it waits for. */
function NotSeen() {
  return (
    <Tooltip content="No session was seen running it in this window.">
      <span>not seen</span>
    </Tooltip>
  );
}

/** A queryid is of a user in a database: the three together name a statement. */
export const statementKey = ({ queryId, user, database }: Pick<Statement, 'queryId' | 'user' | 'database'>) =>
  JSON.stringify([queryId, user, database]);
