import type { ActionPlan, Job } from '@pgvigil/exporter/contract';
import { useCallback, useEffect, useRef, useState } from 'react';
import { call } from '../../../api/client';
import { type Failure, toFailure } from '../../../api/failure';
import type { PlanRequest } from '../usePlan';

/** One of several actions: what was asked for, then its plan, then its job, or what went wrong on the way. */
export interface Step {
  readonly request: PlanRequest;
  readonly plan?: ActionPlan;
  readonly job?: Job;
  readonly error?: Failure;
}

export interface Plans {
  readonly steps: readonly Step[];
  readonly stage: 'planning' | 'planned' | 'confirming' | 'confirmed';
  /** Plans all of them anew. */
  readonly again: () => void;
  /** Those that may run, in their order. */
  readonly confirm: () => void;
}

const bare = (requests: readonly PlanRequest[]): Step[] => requests.map((request) => ({ request }));

/**
 * Several actions through the endpoints of one, one request after the other: each plan takes a connection of the
 * maintenance role. One that fails leaves the others as they are.
 * @param requests the same list at each rendering.
 */
export function usePlans(requests: readonly PlanRequest[]): Plans {
  const [steps, setSteps] = useState(() => bare(requests));
  const [stage, setStage] = useState<Plans['stage']>('planning');
  const [asked, setAsked] = useState(0);
  const confirming = useRef(false);
  const patch = (at: number, more: Partial<Step>) =>
    setSteps((before) => before.map((step, place) => (place === at ? { ...step, ...more } : step)));

  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    setSteps(bare(requests));
    setStage('planning');
    void (async () => {
      for (const [at, { action, ...body }] of requests.entries()) {
        const input = { params: { action }, body };
        const found = await call('POST /api/v1/actions/:action/plan', input, signal).then(
          (plan) => ({ plan }),
          (error: unknown) => ({ error: toFailure(error) }),
        );
        if (signal.aborted) return;
        patch(at, found);
      }
      setStage('planned');
    })();
    return () => abort.abort();
  }, [requests, asked]);

  const confirm = useCallback(() => {
    if (confirming.current) return;
    confirming.current = true;
    setStage('confirming');
    void (async () => {
      for (const [at, { request, plan }] of steps.entries()) {
        if (!plan?.runnable) continue;
        const input = { params: { action: request.action }, body: { planId: plan.id } };
        patch(
          at,
          await call('POST /api/v1/actions/:action/run', input).then(
            (job) => ({ job }),
            (error: unknown) => ({ error: toFailure(error) }),
          ),
        );
      }
      setStage('confirmed');
    })();
  }, [steps]);

  return { steps, stage, confirm, again: useCallback(() => setAsked((count) => count + 1), []) };
}
