import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2, useTheme2 } from '@grafana/ui';
import type { Activity } from '@pgvigil/exporter/contract';
import React from 'react';
import { plural } from '../../lib/format';
import { waitColour, waitTitle } from '../../lib/waits';
import { waitWords } from './wait_words';

/** What active sessions wait for now, as bars with words; the words carry it, the colour repeats the class. */
export function Waits({ waits }: { waits: Activity['waits'] }) {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  if (waits.length === 0) return null;
  const most = Math.max(...waits.map(({ sessions }) => sessions));
  return (
    <section className={styles.section} aria-label="What active sessions do now">
      <ul className={styles.list}>
        {waits.map(({ type, event, sessions }) => (
          <li key={`${type}/${event ?? ''}`} className={styles.item}>
            <span className={styles.name}>{waitTitle(type, event ?? '')}</span>
            <span className={styles.track} aria-hidden="true">
              <span
                className={styles.bar}
                style={{ width: `${(100 * sessions) / most}%`, background: waitColour(type, theme) }}
              />
            </span>
            <span className={styles.count}>{plural(sessions, 'session')}</span>
            <span className={styles.words}>{waitWords(type)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  section: css({ marginBottom: theme.spacing(2) }),
  list: css({ listStyle: 'none', margin: 0, padding: 0 }),
  item: css({
    display: 'grid',
    gridTemplateColumns: `${theme.spacing(26)} ${theme.spacing(20)} ${theme.spacing(10)} 1fr`,
    columnGap: theme.spacing(1),
    alignItems: 'center',
    lineHeight: theme.spacing(2.5),
  }),
  name: css({ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }),
  track: css({ display: 'block', height: theme.spacing(1) }),
  bar: css({ display: 'block', height: '100%', minWidth: 2, borderRadius: theme.shape.radius.default }),
  count: css({ textAlign: 'right', fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }),
  words: css({
    color: theme.colors.text.secondary,
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    paddingLeft: theme.spacing(1),
  }),
});
