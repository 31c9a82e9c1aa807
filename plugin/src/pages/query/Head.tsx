import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { ClipboardButton, useStyles2 } from '@grafana/ui';
import type { QueryDetail } from '@pgvigil/exporter/contract';
import { StatementBlock } from '../../components/sql/StatementBlock';
import { coverage } from '../../components/statements/sentences';
import { Time } from '../../components/value/Time';
import { Figures } from './Figures';
import { answer, rankSentence } from './sentences';

/** What it is and, in a sentence, why it costs that. */
export function Head({ detail, now }: { detail: QueryDetail; now: number | undefined }) {
  const styles = useStyles2(getStyles);
  return (
    <header className={styles.head}>
      <p className={styles.answer} aria-live="polite">
        <strong>{rankSentence(detail)}.</strong> {answer(detail)}
      </p>
      <div className={styles.pair}>
        <StatementBlock text={detail.text} lines={6} />
        <Figures detail={detail} />
      </div>
      <dl className={styles.facts}>
        <dt>queryid</dt>
        <dd>
          <span className={styles.id}>{detail.queryId}</span>
          <ClipboardButton
            size="sm"
            variant="secondary"
            fill="text"
            icon="copy"
            aria-label="Copy queryid"
            getText={() => detail.queryId}
          />
        </dd>
        <dt>user</dt>
        <dd>{detail.user}</dd>
        <dt>database</dt>
        <dd>{detail.database}</dd>
        <dt>first seen</dt>
        <dd>
          <Time iso={detail.firstSeen} now={now} />
        </dd>
        {coverage(detail).length > 0 && (
          <>
            <dt>recorded</dt>
            <dd>{coverage(detail).join(' ')}</dd>
          </>
        )}
      </dl>
    </header>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  head: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
  answer: css({ margin: 0 }),
  pair: css({
    display: 'grid',
    gridTemplateColumns: 'repeat(2, minmax(0, 1fr))',
    gap: theme.spacing(3),
    [theme.breakpoints.down('md')]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  }),
  facts: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(0, 1),
    margin: 0,
    fontSize: theme.typography.bodySmall.fontSize,
    '& dt': { color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular },
    '& dd': { display: 'flex', alignItems: 'center', margin: theme.spacing(0, 1, 0, 0) },
  }),
  id: css({ fontFamily: theme.typography.fontFamilyMonospace }),
});
