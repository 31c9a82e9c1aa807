import { Button } from '@grafana/ui';
import React from 'react';
import { useActions } from '../../../api/actions';
import { SideDrawer } from '../../drawer/SideDrawer';
import { Foot } from '../Foot';
import { useArmed } from '../useArmed';
import type { PlanRequest } from '../usePlan';
import { BulkJobs } from './BulkJobs';
import { BulkPlans } from './BulkPlans';
import { usePlans } from './usePlans';
import { countsOf } from './words';

export interface BulkDrawerProps {
  target: string;
  /** The same list at each rendering; of one target. */
  requests: readonly PlanRequest[];
  onClose: () => void;
}

/** Several actions in one drawer: what each will run, then each one's progress and what it brought. */
export function BulkDrawer({ target, requests, onClose }: BulkDrawerProps) {
  const { items } = useActions(target);
  const titlesOf = (of: readonly PlanRequest[]): string[] =>
    of.map(({ action }) => items?.find(({ id }) => id === action)?.title ?? action);
  const { steps, stage, again, confirm } = usePlans(requests);
  const ready = steps.filter(({ plan }) => plan?.runnable);
  const armed = useArmed(stage === 'planned' ? ready.map(({ plan }) => plan!.id).join() : undefined);
  const planned = steps.filter(({ plan, error }) => plan ?? error).length;
  const note =
    stage === 'planning'
      ? `Looked at ${planned} of ${steps.length}.`
      : ready.length < steps.length
        ? `${steps.length - ready.length} of ${steps.length} can't run, and are left out.`
        : undefined;
  return (
    <SideDrawer
      title={countsOf(titlesOf(requests))}
      subtitle="They are confirmed in this order. Heavy ones run one at a time in a database; the others wait for their turn."
      size="md"
      onClose={onClose}
    >
      {stage === 'confirming' || stage === 'confirmed' ? (
        <BulkJobs {...{ steps, target, onClose }} confirming={stage === 'confirming'} />
      ) : (
        <>
          <BulkPlans steps={steps} />
          <Foot note={note}>
            <Button variant="secondary" onClick={onClose}>
              Close
            </Button>
            {stage === 'planned' && ready.length < steps.length && (
              <Button variant="secondary" icon="sync" onClick={again}>
                Plan again
              </Button>
            )}
            <Button onClick={confirm} disabled={stage !== 'planned' || !armed || ready.length === 0}>
              {`Run ${countsOf(titlesOf((stage === 'planned' ? ready : steps).map(({ request }) => request)))}`}
            </Button>
          </Foot>
        </>
      )}
    </SideDrawer>
  );
}
