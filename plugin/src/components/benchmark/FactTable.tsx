import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React, { type ReactNode } from 'react';

export interface FactTableProps {
  /** A heading above it. */
  title: string;
  /** The first is that of the rows' names; figures are aligned to the right. */
  head: readonly ReactNode[];
  rows: ReadonlyArray<readonly [string, ...ReactNode[]]>;
  /** A sentence below it. */
  note?: ReactNode;
  /** Columns of text, by number. */
  texts?: readonly number[];
}

/** A small table of what is known: rows with names, one column a side. */
export function FactTable({ title, head, rows, note, texts = [] }: FactTableProps) {
  const styles = useStyles2(getStyles);
  const align = (column: number) => (column === 0 || texts.includes(column) ? undefined : styles.figure);
  return (
    <section>
      <h3 className={styles.title}>{title}</h3>
      <div className={styles.scroll}>
        <table className={styles.table} aria-label={title}>
          <thead>
            <tr>
              {head.map((name, column) =>
                name === '' ? (
                  <td key={column} />
                ) : (
                  <th key={column} scope="col" className={align(column)}>
                    {name}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, ...cells], row) => (
              <tr key={row}>
                <th scope="row">{name}</th>
                {cells.map((cell, column) => (
                  <td key={column} className={align(column + 1)}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {note && <p className={styles.note}>{note}</p>}
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  title: css({ ...theme.typography.h5, margin: theme.spacing(0, 0, 0.5) }),
  scroll: css({ overflowX: 'auto' }),
  table: css({
    width: '100%',
    fontVariantNumeric: 'tabular-nums',
    '& th, & td': {
      padding: theme.spacing(0.5, 2, 0.5, 0),
      textAlign: 'left',
      verticalAlign: 'top',
      overflowWrap: 'break-word',
      borderBottom: `1px solid ${theme.colors.border.weak}`,
    },
    '& th': { fontWeight: theme.typography.fontWeightRegular },
    '& thead th': { color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize },
  }),
  figure: css({ '&&': { textAlign: 'right', whiteSpace: 'nowrap' } }),
  note: css({
    margin: theme.spacing(0.5, 0, 0),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
});
