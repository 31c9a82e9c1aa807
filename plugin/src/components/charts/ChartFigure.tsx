import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React, { type ReactNode } from 'react';
import { useWidth } from './useWidth';

export interface ChartFigureProps {
  title: string;
  /** Of the axis; empty for counts. */
  unit: string;
  /** What the pointer is at. */
  readout?: ReactNode;
  legend?: ReactNode;
  height: number;
  /** Drawn as soon as its width is known. */
  plot: (width: number) => ReactNode;
  /** The same in a table, for whoever cannot see the plot. */
  table: ReactNode;
}

/** A chart's frame: title with what the pointer is at, the plot, and the same as a table. */
export function ChartFigure({ title, unit, readout, legend, height, plot, table }: ChartFigureProps) {
  const styles = useStyles2(getStyles);
  const [place, width] = useWidth();
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.caption}>
        <span>
          {title}
          {unit !== '' && <span className={styles.unit}> {unit}</span>}
        </span>
        <span className={styles.readout} aria-hidden="true">
          {readout}
        </span>
      </figcaption>
      {legend}
      <div ref={place} className={styles.place} style={{ height }} aria-hidden="true">
        {width > 0 && plot(width)}
      </div>
      <details className={styles.details}>
        <summary>As a table</summary>
        <div className={styles.scroll} tabIndex={0} role="region" aria-label={`${title}, as a table`}>
          <table className={styles.table} aria-label={title}>
            {table}
          </table>
        </div>
      </details>
    </figure>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  figure: css({ margin: 0, minWidth: 0 }),
  caption: css({
    display: 'flex',
    justifyContent: 'space-between',
    gap: theme.spacing(2),
    fontSize: theme.typography.bodySmall.fontSize,
    fontWeight: theme.typography.fontWeightMedium,
    minHeight: theme.spacing(3),
  }),
  unit: css({ color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular }),
  readout: css({
    color: theme.colors.text.secondary,
    fontWeight: theme.typography.fontWeightRegular,
    fontVariantNumeric: 'tabular-nums',
    whiteSpace: 'pre',
  }),
  place: css({ width: '100%', overflow: 'hidden' }),
  details: css({
    fontSize: theme.typography.bodySmall.fontSize,
    color: theme.colors.text.secondary,
    '& summary': { cursor: 'pointer' },
  }),
  scroll: css({ maxHeight: 200, overflow: 'auto' }),
  table: css({
    fontVariantNumeric: 'tabular-nums',
    '& th': { fontWeight: theme.typography.fontWeightRegular, paddingRight: theme.spacing(2), textAlign: 'left' },
    '& thead th': { textAlign: 'right', paddingRight: 0 },
    '& td': { textAlign: 'right' },
    '& thead th, & td': { paddingLeft: theme.spacing(2) },
  }),
});
