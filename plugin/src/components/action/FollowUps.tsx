import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { Job } from '@pgvigil/exporter/contract';
import React from 'react';
import { useCall } from '../../api/useCall';
import { ActionButton } from './ActionButton';
import { Section } from './Section';

/** Names in sentences are quoted where SQL wants it; those of the catalogue are not. */
const bare = (text: string) => text.replaceAll('"', '');

/** What was left behind is a finding like any other: those on what the hint names, with the action that cures each. */
export function FollowUps({ job }: { job: Job }) {
  const styles = useStyles2(getStyles);
  const { target, database, relation } = job;
  const input = relation === null ? undefined : { query: { target, database, search: relation.name, pageSize: 100 } };
  const { data } = useCall('GET /api/v1/maintenance', input, { everySeconds: 10 });
  const named = bare(job.hint);
  const others =
    data?.items.filter(
      (finding) => finding.relation.oid !== relation?.oid && named.includes(bare(finding.relation.name)),
    ) ?? [];
  if (others.length === 0) return null;
  return (
    <Section title="Next">
      <ul className={styles.list}>
        {others.map((finding) => (
          <li key={finding.id} className={styles.item}>
            <span>{finding.message}</span>
            <ActionButton
              {...{ target, database, action: finding.action, params: finding.params, object: finding.relation.name }}
            />
          </li>
        ))}
      </ul>
    </Section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', margin: 0, padding: 0 }),
  item: css({
    display: 'flex',
    justifyContent: 'space-between',
    gap: theme.spacing(2),
    alignItems: 'center',
    padding: theme.spacing(0.5, 0),
    overflowWrap: 'anywhere',
  }),
});
