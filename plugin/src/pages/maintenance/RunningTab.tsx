import { Button } from '@grafana/ui';
import type { Job } from '@pgvigil/exporter/contract';
import React, { useState } from 'react';
import { call } from '../../api/client';
import { type Failure, toFailure } from '../../api/failure';
import { useCall } from '../../api/useCall';
import { useRight } from '../../components/action';
import { Empty } from '../../components/states/Empty';
import { ErrorState } from '../../components/states/ErrorState';
import { DataTable } from '../../components/table';
import { useScope } from '../../lib/scope';
import { useUrlState } from '../../lib/url_state';
import { RUNNING_COLUMNS } from './job_columns';

const EVERY_SECONDS = 2;
const MOST = 100;
const DEFAULTS = { job: '' };

/** What runs now, how far it is, who blocks it. */
export function RunningTab() {
  const { target } = useScope();
  const [, setUrl] = useUrlState(DEFAULTS);
  const { data, error, stale, refresh } = useCall(
    'GET /api/v1/jobs',
    target === undefined ? undefined : { query: { target, active: 'true', pageSize: MOST } },
    { everySeconds: EVERY_SECONDS },
  );
  if (error && !data) return <ErrorState part="Jobs" error={error} onRetry={refresh} />;
  return (
    <>
      {error && <ErrorState part="Jobs" error={error} onRetry={refresh} />}
      <DataTable<Job>
        label="Jobs that run"
        columns={RUNNING_COLUMNS}
        rows={data?.items}
        rowKey={({ id }) => id}
        stale={stale}
        skeletonRows={3}
        onOpen={({ id }) => setUrl({ job: id })}
        rowActions={(job) => <CancelJob job={job} onCancelled={refresh} />}
        empty={<Empty title="Nothing runs">A finding or “New action” starts a job; its progress is shown here.</Empty>}
      />
    </>
  );
}

function CancelJob({ job, onCancelled }: { job: Job; onCancelled: () => void }) {
  const right = useRight(job.action);
  const [failed, setFailed] = useState<Failure>();
  if (right.state !== 'may') return null;
  const cancel = () =>
    call('POST /api/v1/jobs/:id/cancel', { params: { id: job.id }, body: {} }).then(onCancelled, (error: unknown) =>
      setFailed(toFailure(error)),
    );
  return (
    <Button
      size="sm"
      variant="secondary"
      disabled={job.cancelRequested}
      tooltip={failed && `${failed.message} ${failed.hint}`}
      aria-label={`Cancel ${job.title}`}
      onClick={() => void cancel()}
    >
      {job.cancelRequested ? 'Cancelling…' : failed ? 'Not cancelled' : 'Cancel'}
    </Button>
  );
}
