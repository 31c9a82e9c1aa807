import { Button } from '@grafana/ui';
import type { Job } from '@pgvigil/exporter/contract';
import React, { useState } from 'react';
import { call } from '../../api/client';
import { type Failure, toFailure } from '../../api/failure';
import { useCall } from '../../api/useCall';
import { ErrorState } from '../states/ErrorState';
import { FollowUps } from './FollowUps';
import { Foot } from './Foot';
import { hasEnded } from './job_state';
import { JobView } from './JobView';
import { useRight } from './rights';

/** One cheap GET a second while it runs; a while longer for the effect, which is measured afterwards. */
const RUNNING_SECONDS = 1;
const EFFECT_SECONDS = 15;

/** A job, followed to its end. `first` is what is known of it already. */
export function JobLive({ first, onClose }: { first: Job; onClose: () => void }) {
  const [ended, setEnded] = useState(hasEnded(first));
  const everySeconds = ended ? EFFECT_SECONDS : RUNNING_SECONDS;
  const { data, error } = useCall('GET /api/v1/jobs/:id', { params: { id: first.id } }, { everySeconds });
  const job = data ?? first;
  if (hasEnded(job) !== ended) setEnded(hasEnded(job));
  const [cancel, setCancel] = useState<{ asked: boolean; error?: Failure }>({ asked: false });
  const right = useRight(job.action);
  const ask = () => {
    setCancel({ asked: true });
    call('POST /api/v1/jobs/:id/cancel', { params: { id: job.id }, body: {} }).catch((failed: unknown) =>
      setCancel({ asked: false, error: toFailure(failed) }),
    );
  };
  const asked = cancel.asked || job.cancelRequested;
  return (
    <>
      {error && <ErrorState part="Progress" error={error} />}
      <JobView job={job} />
      {cancel.error && !ended && <ErrorState part="Cancel" error={cancel.error} />}
      {ended && <FollowUps job={job} />}
      <Foot>
        {!ended && right.state === 'may' && (
          <Button variant="destructive" fill="outline" onClick={ask} disabled={asked}>
            {asked ? 'Cancelling…' : 'Cancel'}
          </Button>
        )}
        <Button variant="secondary" onClick={onClose}>
          Close
        </Button>
      </Foot>
    </>
  );
}
