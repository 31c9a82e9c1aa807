import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, useStyles2 } from '@grafana/ui';
import type { QueryDetail } from '@pgvigil/exporter/contract';
import { Empty } from '../../../components/states';
import { type Column, DataTable } from '../../../components/table';
import { Time } from '../../../components/value/Time';
import { Unknown } from '../../../components/value/Unknown';
import { format, formatIn } from '../../../lib/format';

type Touched = QueryDetail['tables'][number];

const ASKED = 'The database could not be asked, or it keeps no statistics for this.';
const nameOf = ({ relation }: Touched) => `${relation.schema}.${relation.name}`;
const code = (text: string) => <code style={{ padding: 0, border: 0, background: 'none' }}>{text}</code>;

/** What it reads and writes, and in which state that is. */
export function ObjectsTab({ detail, now }: { detail: QueryDetail | undefined; now: number | undefined }) {
  const styles = useStyles2(getStyles);
  const size: Column<Touched> = {
    id: 'size',
    title: 'Size',
    quantity: 'bytes',
    value: (row) => row.sizeBytes,
    unknown: () => ASKED,
  };
  const when = (of: (row: Touched) => string | null) => (row: Touched) => {
    const iso = of(row);
    if (iso !== null) {
      return <Time iso={iso} now={now} />;
    }
    // Its other statistics are there, so this one says that it never was.
    return row.scans === null ? <Unknown reason={ASKED} /> : 'never';
  };
  const tables: Column<Touched>[] = [
    { id: 'name', title: 'Table', width: '40%', cell: (row) => code(nameOf(row)) },
    size,
    { id: 'rows', title: 'Rows', quantity: 'count', value: (row) => row.rows, unknown: () => ASKED },
    {
      id: 'dead',
      title: 'Dead rows',
      quantity: 'count',
      value: (row) => row.deadRows,
      unknown: () => ASKED,
      cell: (row, scale) => formatIn(scale, row.deadRows!) + deadPart(row),
    },
    {
      id: 'scans',
      title: 'Scans',
      help: 'Sequential and index scans since the statistics began.',
      quantity: 'count',
      value: (row) => row.scans,
      unknown: () => ASKED,
    },
    { id: 'vacuum', title: 'Last vacuum', cell: when((row) => row.lastVacuum) },
    { id: 'analyze', title: 'Last analyze', cell: when((row) => row.lastAnalyze) },
  ];
  const indexes: Column<Touched>[] = [
    { id: 'name', title: 'Index used', cell: (row) => code(nameOf(row)) },
    { id: 'table', title: 'Table', cell: (row) => row.table && code(row.table) },
    size,
    {
      id: 'scans',
      title: 'Scans',
      help: 'By any statement, since the statistics began.',
      quantity: 'count',
      value: (row) => row.scans,
      unknown: () => ASKED,
    },
    { id: 'definition', title: 'Definition', width: '45%', cell: (row) => row.definition && code(row.definition) },
  ];
  const unread = detail !== undefined && detail.problems.length > 0;
  return (
    <div className={styles.tab}>
      {detail?.problems.map((problem) => (
        <Alert key={problem} severity="warning" title={problem} />
      ))}
      {/* Where they could not be read, an empty list would say that there are none. */}
      {!(unread && detail.tables.length === 0) && (
        <DataTable
          label="Tables"
          columns={tables}
          rows={detail?.tables}
          rowKey={(row) => String(row.relation.oid)}
          skeletonRows={2}
          empty={<Empty title="It names no table">Or none that exists in this database now.</Empty>}
        />
      )}
      {!(unread && detail.indexes.length === 0) && (
        <DataTable
          label="Indexes that it uses"
          columns={indexes}
          rows={detail?.indexes}
          rowKey={(row) => String(row.relation.oid)}
          skeletonRows={2}
          empty={
            // Only what the plan reads is listed: its tables may have indexes that do not help here.
            <Empty title="Its plan uses no index">“Indexes to create” looks at what would help.</Empty>
          }
        />
      )}
    </div>
  );
}

/** " (12 %)" of all rows, where there are any. */
function deadPart({ rows, deadRows }: Touched): string {
  const all = (rows ?? 0) + (deadRows ?? 0);
  return rows === null || deadRows === null || all === 0 ? '' : ` (${format('ratio', deadRows / all)})`;
}

const getStyles = (theme: GrafanaTheme2) => ({
  tab: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
});
