import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { Columns } from '@pgvigil/exporter/contract';
import React from 'react';
import { format, plural } from '../../../lib/format';
import { Section } from '../Section';

/** Beside the form: whoever sees what is there builds no second one. */
export function ExistingIndexes({ indexes }: { indexes: Columns['indexes'] }) {
  const styles = useStyles2(getStyles);
  return (
    <Section title={indexes.length === 0 ? 'No indexes yet' : `Indexes that exist (${indexes.length})`}>
      <ul className={styles.list}>
        {indexes.map(({ relation, definition, sizeBytes, scans, valid }) => (
          <li key={relation.oid} className={styles.item}>
            <code className={styles.code}>{definition}</code>
            <div className={styles.secondary}>
              {sizeBytes === null ? 'size unknown' : format('bytes', sizeBytes)} ·{' '}
              {scans === null ? 'scans unknown' : plural(scans, 'scan')}
              {!valid && ' · invalid: not used by queries'}
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', margin: 0, padding: 0 }),
  item: css({ padding: theme.spacing(0.5, 0) }),
  code: css({
    margin: 0,
    padding: 0,
    border: 'none',
    background: 'none',
    color: theme.colors.text.primary,
    fontSize: theme.typography.bodySmall.fontSize,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
  }),
  secondary: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});
