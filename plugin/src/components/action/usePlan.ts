import type { ActionPlan, Job, ParamValues } from '@pgvigil/exporter/contract';
import { useCallback, useEffect, useRef, useState } from 'react';
import { call } from '../../api/client';
import { type Failure, toFailure } from '../../api/failure';

export interface PlanRequest {
  action: string;
  target: string;
  database: string;
  params: ParamValues;
}

export interface PlanState {
  readonly plan: ActionPlan | undefined;
  readonly job: Job | undefined;
  readonly error: Failure | undefined;
  readonly busy: boolean;
  /** Asks for a plan anew: its figures may have changed. */
  readonly again: () => void;
  readonly confirm: () => void;
}

type Body = Omit<PlanRequest, 'action'>;
type Held = Pick<PlanState, 'plan' | 'job' | 'error' | 'busy'>;
const START: Held = { plan: undefined, job: undefined, error: undefined, busy: true };

/**
 * A plan and its confirmation. Not a `useCall`: the page's refresh must not replace the plan that somebody reads.
 */
export function usePlan({ action, target, database, params }: PlanRequest): PlanState {
  const [held, setHeld] = useState(START);
  const [asked, setAsked] = useState(0);
  // Compared by what it says: whoever draws the drawer makes a new object each time.
  const body = JSON.stringify({ target, database, params });
  // A second press before the first answer would confirm twice; the button is drawn too late to prevent it.
  const confirming = useRef(false);

  useEffect(() => {
    const abort = new AbortController();
    setHeld(START);
    call(
      'POST /api/v1/actions/:action/plan',
      { params: { action }, body: JSON.parse(body) as Body },
      abort.signal,
    ).then(
      (plan) => setHeld({ ...START, plan, busy: false }),
      (error: unknown) => abort.signal.aborted || setHeld({ ...START, error: toFailure(error), busy: false }),
    );
    return () => abort.abort();
  }, [action, body, asked]);

  const planId = held.plan?.id;
  const confirm = useCallback(() => {
    if (planId === undefined || confirming.current) return;
    confirming.current = true;
    setHeld((before) => ({ ...before, busy: true, error: undefined }));
    call('POST /api/v1/actions/:action/run', { params: { action }, body: { planId } })
      .then(
        (job) => setHeld((before) => ({ ...before, job, busy: false })),
        (error: unknown) => setHeld((before) => ({ ...before, error: toFailure(error), busy: false })),
      )
      .finally(() => {
        confirming.current = false;
      });
  }, [action, planId]);

  return { ...held, confirm, again: useCallback(() => setAsked((count) => count + 1), []) };
}
