import { Button } from '@grafana/ui';
import React, { useEffect } from 'react';
import { ErrorState } from '../states/ErrorState';
import { Skeleton } from '../states/Skeleton';
import { Foot } from './Foot';
import { JobLive } from './JobLive';
import { PlanView, whyNot } from './PlanView';
import { useArmed } from './useArmed';
import { type PlanRequest, usePlan } from './usePlan';

export interface ActionLifeProps extends PlanRequest {
  onClose: () => void;
  /** Back to the form that it was asked with. */
  onBack?: () => void;
  /** The deed and its object, once known. */
  onTitle?: (title: string) => void;
}

/** Plan → confirmation → job, without the drawer around it. */
export function ActionLife({ onClose, onBack, onTitle, ...request }: ActionLifeProps) {
  const { plan, job, error, busy, again, confirm } = usePlan(request);
  const armed = useArmed(plan?.id);
  const title = plan?.title;
  useEffect(() => {
    if (title !== undefined) onTitle?.(title);
  }, [title, onTitle]);

  if (job) return <JobLive first={job} onClose={onClose} />;
  const back = onBack && (
    <Button variant="secondary" fill="text" icon="arrow-left" onClick={onBack}>
      Change
    </Button>
  );
  if (!plan) {
    return error ? (
      <>
        <ErrorState part="Preview" error={error} onRetry={again} />
        <Foot>
          {back}
          <Close onClose={onClose} />
        </Foot>
      </>
    ) : (
      <div role="status" aria-label="Looking at the server" aria-busy="true">
        {['80%', '60%', '70%', '100%', '90%'].map((width) => (
          <p key={width}>
            <Skeleton width={width} height={16} />
          </p>
        ))}
      </div>
    );
  }
  const expired = error?.code === 'plan_expired';
  const reason = whyNot(plan);
  return (
    <>
      <PlanView plan={plan} />
      {error && <ErrorState part={expired ? 'Plan expired' : 'Not started'} error={error} />}
      <Foot note={reason}>
        {back}
        <Close onClose={onClose} />
        {expired || reason !== '' ? (
          <Button variant={expired ? 'primary' : 'secondary'} icon="sync" onClick={again}>
            Plan again
          </Button>
        ) : null}
        {!expired && (
          <Button onClick={confirm} disabled={busy || !armed || !plan.runnable} tooltip={reason || undefined}>
            {plan.title}
          </Button>
        )}
      </Foot>
    </>
  );
}

const Close = ({ onClose }: { onClose: () => void }) => (
  <Button variant="secondary" onClick={onClose}>
    Close
  </Button>
);
