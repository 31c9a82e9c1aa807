import React, { useState } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, useStyles2 } from '@grafana/ui';
import type { IndexCandidate } from '@pgvigil/exporter/contract';
import { useCall } from '../../../api/useCall';
import { CREATE_INDEX, CreateIndexForm, RightNote, useRight } from '../../../components/action';
import { Empty, ErrorState, Skeleton } from '../../../components/states';
import { useScope } from '../../../lib/scope';
import type { StatementRef } from '../state';

/** What the statement's predicates and joins would be served by, and why. */
export function IndexTab({ statement }: { statement: StatementRef }) {
  const styles = useStyles2(getStyles);
  const { info } = useScope();
  const { queryId, ...query } = statement;
  const { data, error, refresh } = useCall('GET /api/v1/queries/:queryId/index-candidates', {
    params: { queryId },
    query,
  });
  const right = useRight(CREATE_INDEX);
  const [open, setOpen] = useState<IndexCandidate>();
  const database = statement.database ?? info?.database;
  if (error && !data) {
    return <ErrorState part="Indexes to create" error={error} onRetry={refresh} />;
  }
  if (!data) {
    return <Skeleton height={120} />;
  }
  const wanted = data.items.some((item) => item.coveredBy === null);
  return (
    <div className={styles.tab}>
      {data.items.length === 0 ? (
        <Empty title="No index to suggest">{data.notes.join(' ')}</Empty>
      ) : (
        <ul className={styles.list}>
          {data.items.map((item) => (
            <li key={sentenceOf(item)} className={styles.item}>
              <div>
                <code className={styles.code}>{sentenceOf(item)}</code>
                <ul className={styles.reasons}>
                  {item.reasons.map((reason) => (
                    <li key={reason}>{reason}</li>
                  ))}
                  {item.coveredBy !== null && (
                    <li>
                      Not needed: <code className={styles.code}>{item.coveredBy}</code> already begins with these
                      columns.
                    </li>
                  )}
                </ul>
              </div>
              {item.coveredBy === null && right.state === 'may' && database !== undefined && (
                <Button size="sm" variant="secondary" onClick={() => setOpen(item)}>
                  Create this index…
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {wanted && right.state !== 'may' && <RightNote right={right} />}
      {data.items.length > 0 && data.notes.map((note) => <Note key={note} text={note} />)}
      {open && database !== undefined && (
        <CreateIndexForm
          target={statement.target}
          database={database}
          candidate={open}
          onClose={() => setOpen(undefined)}
        />
      )}
    </div>
  );
}

function Note({ text }: { text: string }) {
  const styles = useStyles2(getStyles);
  return <p className={styles.note}>{text}</p>;
}

/** "shop.tracks: btree (album_id, year desc) include (title)". Names as they are; the form's preview has the exact SQL. */
function sentenceOf({ table, method, columns, include }: IndexCandidate): string {
  const keys = columns.map(({ name, order }) => (order === 'desc' ? `${name} desc` : name)).join(', ');
  const more = include.length > 0 ? ` include (${include.join(', ')})` : '';
  return `${table.schema}.${table.name}: ${method} (${keys})${more}`;
}

const getStyles = (theme: GrafanaTheme2) => ({
  tab: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
  list: css({
    listStyle: 'none',
    margin: 0,
    padding: 0,
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.primary,
  }),
  item: css({
    display: 'flex',
    justifyContent: 'space-between',
    alignItems: 'flex-start',
    gap: theme.spacing(2),
    padding: theme.spacing(1.5, 2),
    '&:not(:last-child)': { borderBottom: `1px solid ${theme.colors.border.weak}` },
  }),
  code: css({ padding: 0, border: 0, background: 'none', overflowWrap: 'anywhere' }),
  reasons: css({
    margin: theme.spacing(0.5, 0, 0),
    paddingLeft: theme.spacing(2.5),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  note: css({ margin: 0, color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});
