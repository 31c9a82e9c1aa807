import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, useStyles2 } from '@grafana/ui';
import type { PastSessions as Past } from '@pgvigil/exporter/contract';
import React, { type ReactNode } from 'react';
import { useCall } from '../../api/useCall';
import { AppLink } from '../../components/link/AppLink';
import { Empty } from '../../components/states/Empty';
import { ErrorState } from '../../components/states/ErrorState';
import { type Column, DataTable } from '../../components/table';
import { NotApplicable } from '../../components/value/Unknown';
import { useLink, useOfDatabase } from '../../lib/scope';
import { formatAbsolute, formatClock as clock } from '../../lib/time';
import { waitTitle } from '../../lib/waits';
import { hasWords } from './groups';
import { StatementCell } from './StatementCell';

type Row = Past['items'][number];

/** The samples of this moment are written with the next snapshot of the history. */
const EVERY_SECONDS = 15;

function Statement({ row }: { row: Row }) {
  const link = useLink();
  const { queryId, text, database, user } = row;
  if (text === null) {
    return <>{queryId === null ? 'no statement' : `queryid ${queryId}, whose text is not recorded`}</>;
  }
  const line = <StatementCell query={text} />;
  if (queryId === null || database === null || user === null) return line;
  return <AppLink href={link(`queries/${queryId}`, { database, user, tab: 'waits' })}>{line}</AppLink>;
}

/** Pixels: enough to know it by; whole on hover. */
const BLOCKER_WIDTH = 200;
const Whole = ({ children }: { children: ReactNode }) => <div style={{ whiteSpace: 'nowrap' }}>{children}</div>;

const COLUMNS: ReadonlyArray<Column<Row>> = [
  { id: 'statement', title: 'Statement', grow: true, cell: (row) => <Statement row={row} /> },
  {
    id: 'who',
    title: 'User · application',
    cell: ({ user, application }) => (
      <Whole>{[user, application].filter(Boolean).join(' · ') || <NotApplicable />}</Whole>
    ),
  },
  { id: 'database', title: 'Database', cell: ({ database }) => database ?? <NotApplicable /> },
  { id: 'state', title: 'State', cell: ({ state }) => <Whole>{state}</Whole> },
  {
    id: 'waits',
    title: 'Waits for',
    cell: ({ waitType, waitEvent, blockedByText }) => (
      <Whole>
        {waitType === null ? <NotApplicable /> : waitTitle(waitType, waitEvent ?? '')}
        {blockedByText !== null && (
          <div style={{ width: BLOCKER_WIDTH }} title={blockedByText}>
            <StatementCell query={blockedByText} />
          </div>
        )}
      </Whole>
    ),
  },
  {
    id: 'sessions',
    title: 'Sessions',
    help: 'How many were seen at it on average.',
    quantity: 'count',
    value: ({ sessions }) => sessions,
  },
];

/** What was recorded around the time of a paused link; who was connected then is not. */
export function PastSessions({ at, search }: { at: string; search: string }) {
  const styles = useStyles2(getStyles);
  const where = useOfDatabase();
  const { data, error, refresh } = useCall('GET /api/v1/activity/past', where && { query: { ...where, at } }, {
    everySeconds: EVERY_SECONDS,
  });
  const rows = data?.items.filter((row) => hasWords(Object.values(row), search));
  return (
    <>
      <Alert severity="info" title={`This link was paused at ${formatAbsolute(at)}`}>
        {said(data)}
      </Alert>
      {error && !data && <ErrorState part="Samples of the sessions" error={error} onRetry={refresh} />}
      {data?.interval && (
        <div className={styles.table}>
          <DataTable<Row>
            label="Sessions seen then"
            columns={COLUMNS}
            rows={rows}
            rowKey={(row) => JSON.stringify(row)}
            empty={
              search === '' ? (
                <Empty title="Nobody was seen active, or in a transaction" />
              ) : (
                <Empty title={`Nothing matches “${search}”`} />
              )
            }
          />
        </div>
      )}
    </>
  );
}

function said(data: Past | undefined): string {
  const kept = 'The sessions themselves are kept only in the page that was paused, until it is left.';
  if (data === undefined) return kept;
  if (data.interval === null) return `${kept} Nothing is recorded of that time. “Resume” shows the sessions of now.`;
  const { from, to } = data.interval;
  return `${kept} Below is what was recorded from ${clock(from)} to ${clock(to)}, in samples.`;
}

const getStyles = (theme: GrafanaTheme2) => ({ table: css({ marginBottom: theme.spacing(2) }) });
