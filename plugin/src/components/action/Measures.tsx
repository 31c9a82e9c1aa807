import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { Measure } from '@pgvigil/exporter/contract';
import React from 'react';
import { changeOf, measured } from './measure_text';

/** Before → after. `expected` says that the second figure is a prediction. */
export function Measures({ measures, expected = false }: { measures: readonly Measure[]; expected?: boolean }) {
  const styles = useStyles2(getStyles);
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">Figure</th>
          <th scope="col">{expected ? 'Now' : 'Before'}</th>
          <th scope="col">{expected ? 'Expected' : 'After'}</th>
          <th scope="col">Change</th>
        </tr>
      </thead>
      <tbody>
        {measures.map((measure) => (
          <tr key={measure.title}>
            <th scope="row">{measure.title}</th>
            <td>{measured(measure, 'before')}</td>
            <td>{measured(measure, 'after')}</td>
            <td>{changeOf(measure) || '–'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  table: css({
    width: '100%',
    'th, td': { padding: theme.spacing(0.25, 0), fontWeight: theme.typography.fontWeightRegular },
    'th:not(:first-child), td': {
      textAlign: 'right',
      paddingLeft: theme.spacing(2),
      fontVariantNumeric: 'tabular-nums',
      whiteSpace: 'nowrap',
    },
    'th:first-child': { textAlign: 'left', overflowWrap: 'anywhere' },
    thead: { color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize },
  }),
});
