import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2, useTheme2 } from '@grafana/ui';
import type { Activity } from '@pgvigil/exporter/contract';
import React, { useId } from 'react';
import { plural } from '../../lib/format';
import { waitColour, waitTitle } from '../../lib/waits';
import { waitWords } from './wait_words';

/** What active sessions wait for now, as bars with words; the words carry it, the colour repeats the class. */
export function Waits({ waits }: { waits: Activity['waits'] }) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const id = useId();
  if (waits.length === 0) return null;
  const most = Math.max(...waits.map(({ sessions }) => sessions));
  return (
    <section aria-labelledby={id}>
      <h3 id={id} className={styles.title}>
        What active sessions do now
      </h3>
      <ul className={styles.list}>
        {waits.map(({ type, event, sessions }) => (
          <li key={`${type}/${event ?? ''}`} className={styles.item}>
            <span className={styles.name} title={waitWords(type)}>
              {waitTitle(type, event ?? '')} <span className={styles.words}>{waitWords(type)}</span>
            </span>
            <span className={styles.track} aria-hidden="true">
              <span
                className={styles.bar}
                style={{ width: `${(100 * sessions) / most}%`, background: waitColour(type, theme) }}
              />
            </span>
            <span className={styles.count}>{plural(sessions, 'session')}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  title: css({
    margin: 0,
    fontSize: theme.typography.bodySmall.fontSize,
    fontWeight: theme.typography.fontWeightMedium,
    lineHeight: theme.typography.body.lineHeight,
    minHeight: theme.spacing(3),
  }),
  list: css({
    listStyle: 'none',
    margin: 0,
    padding: 0,
    // As high as the chart beside it.
    maxHeight: theme.spacing(20),
    overflowY: 'auto',
  }),
  item: css({
    display: 'grid',
    gridTemplateColumns: `minmax(0, 1fr) ${theme.spacing(8)} ${theme.spacing(9)}`,
    columnGap: theme.spacing(1),
    alignItems: 'center',
    lineHeight: theme.spacing(2.5),
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  name: css({ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }),
  track: css({ display: 'block', height: theme.spacing(1) }),
  bar: css({ display: 'block', height: '100%', minWidth: 2, borderRadius: theme.shape.radius.default }),
  count: css({ textAlign: 'right', fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }),
  words: css({ color: theme.colors.text.secondary, paddingLeft: theme.spacing(1) }),
});
