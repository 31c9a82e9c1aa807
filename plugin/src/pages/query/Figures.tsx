import React, { type ReactNode } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Tooltip, useStyles2 } from '@grafana/ui';
import type { QueryDetail, StatementFigures } from '@pgvigil/exporter/contract';
import { Value } from '../../components/value/Value';
import { format, formatChange, type Quantity } from '../../lib/format';

interface Figure {
  title: string;
  help?: string;
  quantity: Quantity;
  of: (figures: StatementFigures) => number | null;
  reason?: string;
  estimate?: boolean;
  /** Beside the figure: its spread. */
  after?: (figures: StatementFigures) => ReactNode;
}

const IDLE = 'It was not called in this window.';
const perCall = (of: (figures: StatementFigures) => number) => (figures: StatementFigures) =>
  figures.calls > 0 ? of(figures) / figures.calls : null;

const FIGURES: readonly Figure[] = [
  {
    title: 'Load',
    quantity: 'ratio',
    of: (f) => f.share,
    help: 'Part of the execution time of all statements in this window.',
  },
  { title: 'Calls', quantity: 'perSecond', of: (f) => f.callsPerSecond },
  {
    title: 'Mean ± spread',
    quantity: 'seconds',
    of: (f) => f.meanSeconds,
    reason: IDLE,
    help: 'Time per call and its standard deviation, both exact.',
    after: (f) => f.spreadSeconds !== null && ` ± ${format('seconds', f.spreadSeconds)}`,
  },
  {
    title: 'p95',
    quantity: 'seconds',
    of: (f) => f.p95EstimateSeconds,
    estimate: true,
    reason: 'A spread needs two calls.',
    help: 'Estimated from mean and spread as if log-normal: PostgreSQL keeps no histogram.',
  },
  { title: 'Rows per call', quantity: 'count', of: (f) => f.rowsPerCall, reason: IDLE },
  {
    title: 'Read per call',
    quantity: 'bytes',
    of: perCall((f) => f.sharedReadBytes),
    reason: IDLE,
    help: "Shared blocks read from disk or the operating system's cache.",
  },
  {
    title: 'Temporary per call',
    quantity: 'bytes',
    of: perCall((f) => f.tempBytes),
    reason: IDLE,
    help: 'Temporary files: sorts and hashes beyond work_mem.',
  },
  { title: 'WAL per call', quantity: 'bytes', of: perCall((f) => f.walBytes), reason: IDLE },
];

/** The window's figures, each with its change against the window before. */
export function Figures({ detail }: { detail: QueryDetail }) {
  const styles = useStyles2(getStyles);
  return (
    <dl className={styles.row}>
      {FIGURES.map((figure) => (
        <div key={figure.title} className={styles.figure}>
          <dt className={styles.title}>
            {figure.help ? (
              <Tooltip content={figure.help}>
                <span className={styles.help}>{figure.title}</span>
              </Tooltip>
            ) : (
              figure.title
            )}
          </dt>
          <dd className={styles.value}>
            <Value
              quantity={figure.quantity}
              value={figure.of(detail.figures)}
              reason={figure.reason}
              estimate={figure.estimate}
            />
            {figure.after && <span className={styles.after}>{figure.after(detail.figures)}</span>}
          </dd>
          <dd className={styles.change}>{changeOf(figure, detail)}</dd>
        </div>
      ))}
    </dl>
  );
}

function changeOf({ of, quantity }: Figure, { figures, before }: QueryDetail): string {
  const now = of(figures);
  const then = before && of(before);
  if (now === null || then === null) {
    return '';
  }
  const change = then === 0 ? '' : formatChange(now / then);
  if (now === then || change === '±0 %') {
    return 'as before';
  }
  // From nothing there is no factor.
  // The unit stays with its number.
  const was = `was ${format(quantity, then)}`.replaceAll(' ', '\u00a0');
  return then === 0 ? was : `${change}, ${was}`;
}

const getStyles = (theme: GrafanaTheme2) => ({
  row: css({
    display: 'grid',
    gridTemplateColumns: 'repeat(4, auto)',
    gap: theme.spacing(1, 2),
    margin: 0,
    alignContent: 'start',
    [theme.breakpoints.down('sm')]: { gridTemplateColumns: 'repeat(2, minmax(0, 1fr))' },
    fontVariantNumeric: 'tabular-nums',
  }),
  figure: css({ minWidth: 'min-content' }),
  title: css({
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    fontWeight: theme.typography.fontWeightRegular,
  }),
  help: css({ cursor: 'help', borderBottom: `1px dotted ${theme.colors.text.secondary}` }),
  value: css({
    margin: 0,
    fontSize: theme.typography.h5.fontSize,
    fontWeight: theme.typography.fontWeightMedium,
    whiteSpace: 'nowrap',
  }),
  after: css({
    fontSize: theme.typography.bodySmall.fontSize,
    fontWeight: theme.typography.fontWeightRegular,
    whiteSpace: 'nowrap',
  }),
  change: css({
    margin: 0,
    minHeight: theme.spacing(2.25),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
});
