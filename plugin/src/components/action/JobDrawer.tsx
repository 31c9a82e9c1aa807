import { SideDrawer } from '../drawer/SideDrawer';
import React from 'react';
import { useCall } from '../../api/useCall';
import { ErrorState } from '../states/ErrorState';
import { Skeleton } from '../states/Skeleton';
import { JobLive } from './JobLive';

/** A job that exists, by its id. */
export function JobDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const { data, error, refresh } = useCall('GET /api/v1/jobs/:id', { params: { id } });
  return (
    <SideDrawer title={data?.title ?? 'Job'} subtitle={data && `${data.database} of ${data.target}`} onClose={onClose}>
      {data ? (
        <JobLive key={id} first={data} onClose={onClose} />
      ) : error ? (
        <ErrorState part="Job" error={error} onRetry={refresh} />
      ) : (
        <Skeleton height={96} />
      )}
    </SideDrawer>
  );
}
