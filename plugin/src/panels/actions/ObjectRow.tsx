import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { ActionInfo, Job } from '@pgvigil/exporter/contract';
import React from 'react';
import { ActionButton, effectLine, JobProgress, JobState } from '../../components/action';
import { Skeleton } from '../../components/states/Skeleton';
import { Time } from '../../components/value/Time';
import { useScope } from '../../lib/scope';
import { paramsFor, useObject } from './useObject';

interface ObjectRowProps {
  name: string;
  /** Those chosen in the options. */
  actions: readonly ActionInfo[];
  /** Newest first. */
  jobs: readonly Job[];
  onChanged: () => void;
}

/** An object, what can be done with it, and what became of the last deed. */
export function ObjectRow({ name, actions, jobs, onChanged }: ObjectRowProps) {
  const styles = useStyles2(getStyles);
  const { target, database } = useScope();
  const { found, error } = useObject(target, database, name);
  const last = found
    ? jobs.find((job) => job.relation?.oid === found.relation.oid && actions.some(({ id }) => id === job.action))
    : undefined;
  const buttons = found
    ? actions.flatMap((info) => {
        const params = paramsFor(info, found);
        return params === undefined ? [] : [{ info, params }];
      })
    : [];
  return (
    <li className={styles.row}>
      <div className={styles.text}>
        <span className={styles.name}>{name}</span>
        {found === undefined && !error && <Skeleton width={80} />}
        {found === null && (
          <span className={styles.secondary}>No table, index or view of this name in {database}.</span>
        )}
        {error && <span className={styles.secondary}>{`${error.message} ${error.hint}`}</span>}
        {last && <LastJob job={last} />}
      </div>
      {target !== undefined && database !== undefined && (
        <div className={styles.buttons}>
          {buttons.map(({ info, params }) => (
            <ActionButton
              key={info.id}
              {...{ action: info.id, target, database, params, object: name }}
              quiet
              onClose={onChanged}
            />
          ))}
        </div>
      )}
    </li>
  );
}

function LastJob({ job }: { job: Job }) {
  const styles = useStyles2(getStyles);
  const effect = effectLine(job.effect);
  if (job.finishedAt === null) return <JobProgress job={job} compact />;
  return (
    <span className={styles.secondary}>
      {job.title}: <JobState state={job.state} /> <Time iso={job.finishedAt} />
      {effect !== '' && ` · ${effect}`}
      {job.message !== '' && ` · ${job.message}`}
    </span>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  row: css({
    display: 'flex',
    alignItems: 'center',
    justifyContent: 'space-between',
    gap: theme.spacing(2),
    padding: theme.spacing(1),
    '&:not(:last-child)': { borderBottom: `1px solid ${theme.colors.border.weak}` },
  }),
  text: css({ display: 'flex', flexDirection: 'column', minWidth: 0, flex: 1, overflowWrap: 'anywhere' }),
  name: css({ fontWeight: theme.typography.fontWeightMedium }),
  buttons: css({ display: 'flex', flexWrap: 'wrap', justifyContent: 'flex-end', gap: theme.spacing(1) }),
  secondary: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});
