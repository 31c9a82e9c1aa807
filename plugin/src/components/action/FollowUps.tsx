import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { Job } from '@pgvigil/exporter/contract';
import React from 'react';
import { useCall } from '../../api/useCall';
import { ActionButton } from './ActionButton';
import { Section } from './Section';

/** What was left behind is a finding like any other, with the action that cures it, for as long as it is there. */
export function FollowUps({ job }: { job: Job }) {
  const left = job.verified.flatMap((check) => check.left ?? []);
  return left.length === 0 ? null : <LeftBehind job={job} left={left} />;
}

function LeftBehind({ job, left }: { job: Job; left: readonly number[] }) {
  const styles = useStyles2(getStyles);
  const { target, database, relation } = job;
  const input = relation === null ? undefined : { query: { target, database, search: relation.name, pageSize: 100 } };
  const { data } = useCall('GET /api/v1/maintenance', input, { everySeconds: 10 });
  const findings = data?.items.filter((finding) => left.includes(finding.relation.oid)) ?? [];
  if (findings.length === 0) return null;
  return (
    <Section title="Next">
      <ul className={styles.list}>
        {findings.map((finding) => (
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
