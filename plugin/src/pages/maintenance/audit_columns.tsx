import { css } from '@emotion/css';
import type { GrafanaTheme2, IconName } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import type { AuditEntry } from '@pgvigil/exporter/contract';
import React, { type ReactNode } from 'react';
import { effectLine } from '../../components/action';
import type { Column } from '../../components/table';
import { NotApplicable } from '../../components/value/Unknown';
import { Time } from '../../components/value/Time';

const ICONS: Record<AuditEntry['outcome'], IconName> = {
  confirmed: 'clock-nine',
  done: 'check',
  failed: 'exclamation-circle',
  cancelled: 'times',
  interrupted: 'exclamation-triangle',
  refused: 'lock',
};

function Outcome({ entry }: { entry: AuditEntry }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.wraps}>
      <Whole>
        <Icon name={ICONS[entry.outcome]} size="sm" /> {entry.outcome}
      </Whole>
      {entry.message !== '' && <div className={styles.secondary}>{entry.message}</div>}
    </div>
  );
}

function Deed({ entry }: { entry: AuditEntry }) {
  const styles = useStyles2(getStyles);
  return <div className={styles.wraps}>{entry.title}</div>;
}

function Effect({ entry }: { entry: AuditEntry }) {
  const styles = useStyles2(getStyles);
  const line = effectLine(entry.effect);
  return line === '' ? <NotApplicable /> : <div className={styles.wraps}>{line}</div>;
}

const Whole = ({ children }: { children: ReactNode }) => <span style={{ whiteSpace: 'nowrap' }}>{children}</span>;

/** Who, what, when, result, effect. */
export const AUDIT_COLUMNS: ReadonlyArray<Column<AuditEntry>> = [
  { id: 'title', title: 'What', cell: (entry) => <Deed entry={entry} /> },
  {
    id: 'at',
    title: 'When',
    cell: ({ at }) => (
      <Whole>
        <Time iso={at} />
      </Whole>
    ),
  },
  { id: 'login', title: 'Who', cell: ({ login, role }) => <Whole>{`${login || 'anonymous'} (${role})`}</Whole> },
  { id: 'database', title: 'Database', cell: ({ database }) => database },
  { id: 'outcome', title: 'Result', cell: (entry) => <Outcome entry={entry} /> },
  { id: 'effect', title: 'Effect, before → after', cell: (entry) => <Effect entry={entry} /> },
  { id: 'seconds', title: 'Took', quantity: 'seconds', value: ({ durationSeconds }) => durationSeconds },
];

const CSV_FIELDS: ReadonlyArray<readonly [string, (entry: AuditEntry) => string]> = [
  ['at', ({ at }) => at],
  ['login', ({ login }) => login],
  ['role', ({ role }) => role],
  ['action', ({ action }) => action],
  ['title', ({ title }) => title],
  ['target', ({ target }) => target],
  ['database', ({ database }) => database],
  ['statements', ({ statements }) => statements.join('; ')],
  ['outcome', ({ outcome }) => outcome],
  ['message', ({ message }) => message],
  ['duration_seconds', ({ durationSeconds }) => (durationSeconds === null ? '' : String(durationSeconds))],
  ['effect', ({ effect }) => effectLine(effect)],
];

export const CSV_HEADER = CSV_FIELDS.map(([name]) => name);
export const csvRow = (entry: AuditEntry): string[] => CSV_FIELDS.map(([, value]) => value(entry));

const getStyles = (theme: GrafanaTheme2) => ({
  wraps: css({ overflowWrap: 'anywhere' }),
  secondary: css({ color: theme.colors.text.secondary }),
});
