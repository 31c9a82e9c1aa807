import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, useStyles2 } from '@grafana/ui';
import type { Job } from '@pgvigil/exporter/contract';
import React, { useEffect, useRef, useState } from 'react';
import { call } from '../../../api/client';
import { type Failure, toFailure } from '../../../api/failure';
import { useCall } from '../../../api/useCall';
import { ErrorState } from '../../states/ErrorState';
import { FollowUps } from '../FollowUps';
import { Foot } from '../Foot';
import { hasEnded } from '../job_state';
import { JobProgress } from '../JobProgress';
import { JobState } from '../JobState';
import { effectLine } from '../measure_text';
import type { Step } from './usePlans';
import { progressOf } from './words';

/** One GET for all of them. */
const RUNNING_SECONDS = 2;
/** Ours are among the newest. */
const LATEST = 200;

interface BulkJobsProps {
  steps: readonly Step[];
  target: string;
  /** Some are being confirmed still. */
  confirming: boolean;
  onClose: () => void;
}

/** Each one's progress and end; one that fails stands beside the others. */
export function BulkJobs({ steps, target, confirming, onClose }: BulkJobsProps) {
  const styles = useStyles2(getStyles);
  const [ended, setEnded] = useState(false);
  const input = confirming ? undefined : { query: { target, pageSize: LATEST } };
  const { data, error } = useCall('GET /api/v1/jobs', input, { everySeconds: ended ? undefined : RUNNING_SECONDS });
  const latest = (job: Job): Job => data?.items.find(({ id }) => id === job.id) ?? job;
  const jobs = steps.flatMap(({ job }) => (job ? [latest(job)] : []));
  const left = jobs.filter((job) => !hasEnded(job));
  const over = !confirming && left.length === 0;
  if (over !== ended) setEnded(over);
  const { cancel, asked, failed } = useCancel();
  // The button that was pressed is gone: whoever reads with a screen reader goes on here.
  const summary = useRef<HTMLParagraphElement>(null);
  useEffect(() => summary.current?.focus(), []);
  return (
    <>
      <p ref={summary} tabIndex={-1} role="status" className={styles.summary}>
        {confirming
          ? 'Being confirmed, one after the other.'
          : jobs.length === 0
            ? 'None was started.'
            : progressOf(jobs)}
      </p>
      {error && <ErrorState part="Progress" error={error} />}
      <ol className={styles.list}>
        {steps.map(({ request, plan, job, error: refused }) => (
          <li key={JSON.stringify(request)} className={styles.item}>
            {job ? (
              <OneJob job={latest(job)} />
            ) : refused ? (
              <ErrorState part={plan?.title ?? 'Not planned'} error={refused} />
            ) : (
              <>
                {plan?.title}{' '}
                <span className={styles.secondary}>{plan?.runnable ? 'waits to be confirmed' : 'left out'}</span>
              </>
            )}
          </li>
        ))}
      </ol>
      {failed && left.length > 0 && <ErrorState part="Cancel" error={failed} />}
      <Foot note={over ? undefined : 'They go on when this is closed: “Running” shows them.'}>
        {!over && (
          <Button
            variant="destructive"
            fill="outline"
            onClick={() => cancel(left)}
            disabled={confirming || asked || left.every(({ cancelRequested }) => cancelRequested)}
          >
            {asked ? 'Cancelling…' : left.length > 1 ? `Cancel these ${left.length}` : 'Cancel'}
          </Button>
        )}
        <Button variant="secondary" onClick={onClose}>
          Close
        </Button>
      </Foot>
    </>
  );
}

function OneJob({ job }: { job: Job }) {
  const styles = useStyles2(getStyles);
  const ended = hasEnded(job);
  const effect = effectLine(job.effect);
  return (
    <>
      <h4 className={styles.title}>{job.title}</h4>
      <p className={styles.line}>
        <JobState state={job.state} />
        {job.cancelRequested && !ended && ' · asked to stop'}
      </p>
      {job.state !== 'confirmed' && !ended && <JobProgress job={job} />}
      {job.message !== '' && <p className={styles.line}>{job.message}</p>}
      {ended && job.hint !== '' && <p className={styles.line}>{job.hint}</p>}
      {ended && effect !== '' && <p className={styles.line}>{effect}</p>}
      {ended && <FollowUps job={job} />}
    </>
  );
}

/** The last first: otherwise the end of one would let the next begin. */
function useCancel() {
  const [asked, setAsked] = useState(false);
  const [failed, setFailed] = useState<Failure>();
  const cancel = (jobs: readonly Job[]) => {
    setAsked(true);
    setFailed(undefined);
    void (async () => {
      for (const { id } of [...jobs].reverse()) {
        // One that has ended meanwhile is no failure of the others.
        await call('POST /api/v1/jobs/:id/cancel', { params: { id }, body: {} }).catch((error: unknown) => {
          const failure = toFailure(error);
          if (failure.code !== 'conflict') setFailed(failure);
        });
      }
      setAsked(false);
    })();
  };
  return { cancel, asked, failed };
}

const getStyles = (theme: GrafanaTheme2) => ({
  summary: css({ margin: theme.spacing(0, 0, 1), fontWeight: theme.typography.fontWeightMedium }),
  list: css({ listStyle: 'none', margin: 0, padding: 0 }),
  item: css({
    padding: theme.spacing(1.5, 0),
    overflowWrap: 'anywhere',
    '&:not(:last-child)': { borderBottom: `1px solid ${theme.colors.border.weak}` },
  }),
  title: css({ ...theme.typography.body, fontWeight: theme.typography.fontWeightMedium, margin: 0 }),
  line: css({ margin: theme.spacing(0.5, 0) }),
  secondary: css({ color: theme.colors.text.secondary }),
});
