import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, useStyles2 } from '@grafana/ui';
import type { Session } from '@pgvigil/exporter/contract';
import React, { useState } from 'react';
import { Empty } from '../../components/states/Empty';
import { getTableStyles } from '../../components/table/styles';
import { moveBetweenRows } from '../../components/table/useRowKeys';
import { plural } from '../../lib/format';
import { countOf, found, type Group, grouped, isQuiet } from './groups';
import { SessionRow } from './SessionRow';

export interface SessionsProps {
  sessions: readonly Session[];
  search: string;
  hideIdle: boolean;
  onOpen: (pid: number) => void;
}

const COLUMNS = ['Session', 'User · application', 'In state', 'Transaction', 'Waits for', 'Holds', 'Statement'];
/** Rows of a state before "Show all": a pool of 5,000 idle sessions is no news. */
const SHOWN = 100;

/** All sessions by state, oldest transaction first. */
export function Sessions({ sessions, search, hideIdle, onOpen }: SessionsProps) {
  const table = useStyles2(getTableStyles);
  const shown = found(
    hideIdle ? sessions.filter(({ state, background }) => background || state !== 'idle') : sessions,
    search,
  );
  if (shown.length === 0) {
    return search === '' ? (
      <Empty title="No other session">Whoever connects to this server appears here.</Empty>
    ) : (
      <Empty title={`No session matches “${search}”`}>Searched are pid, user, application, statement and state.</Empty>
    );
  }
  return (
    <div className={table.frame}>
      <table className={table.table} aria-label="Sessions" onKeyDown={moveBetweenRows}>
        <thead>
          <tr>
            {COLUMNS.map((title, at) => (
              <th key={title} scope="col" className={cx(table.head, (at === 2 || at === 3) && table.number)}>
                {title}
              </th>
            ))}
            <th scope="col" className={table.head}>
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        {grouped(shown).map((group) => (
          <GroupRows key={group.state} group={group} onOpen={onOpen} />
        ))}
      </table>
    </div>
  );
}

function GroupRows({ group, onOpen }: { group: Group; onOpen: (pid: number) => void }) {
  const table = useStyles2(getTableStyles);
  const styles = useStyles2(getStyles);
  const [all, setAll] = useState(false);
  const [own, setOwn] = useState(false);
  const quiet = group.sessions.filter(isQuiet);
  const others = group.sessions.filter((session) => !isQuiet(session));
  const rows = all ? others : others.slice(0, SHOWN);
  const line = (session: Session) => (
    <SessionRow key={`${session.pid}/${session.backendStart}`} session={session} onOpen={onOpen} />
  );
  const width = COLUMNS.length + 1;
  return (
    <tbody>
      <tr>
        <th scope="rowgroup" colSpan={width} className={cx(table.cell, table.group)}>
          {group.state} <span className={styles.count}>{countOf(group)}</span>
        </th>
      </tr>
      {rows.map(line)}
      {rows.length < others.length && (
        <tr>
          <td colSpan={width} className={table.cell}>
            <Button size="sm" variant="secondary" fill="text" onClick={() => setAll(true)}>
              Show all {plural(others.length, 'session')} {group.state}
            </Button>
          </td>
        </tr>
      )}
      {quiet.length > 0 && (
        <tr>
          <td colSpan={width} className={table.cell}>
            <Button
              size="sm"
              variant="secondary"
              fill="text"
              icon={own ? 'angle-down' : 'angle-right'}
              aria-expanded={own}
              onClick={() => setOwn(!own)}
            >
              {plural(quiet.length, 'session')} of pgvigil, {group.state}
            </Button>
          </td>
        </tr>
      )}
      {own && quiet.map(line)}
    </tbody>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  count: css({ color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular }),
});
