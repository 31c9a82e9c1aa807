import type { ActionInfo } from '@pgvigil/exporter/contract';
import { useEffect, useState } from 'react';
import { call } from './client';
import { type Failure, toFailure } from './failure';

/** The list changes with the exporter's version and the server's: asked for once in a while, shared by all buttons. */
const KEEP_MS = 60_000;

interface Held {
  readonly at: number;
  readonly list: Promise<readonly ActionInfo[]>;
}
const held = new Map<string, Held>();

function listOf(target: string): Promise<readonly ActionInfo[]> {
  const known = held.get(target);
  if (known && Date.now() - known.at < KEEP_MS) return known.list;
  const list = call('GET /api/v1/actions', { query: { target } }).then((answer) => answer.items);
  held.set(target, { at: Date.now(), list });
  // A failure is told to who waited for it, and not kept.
  list.catch(() => held.delete(target));
  return list;
}

/** For tests: forgets what was asked. */
export const forgetActions = () => held.clear();

export interface Actions {
  /** Undefined until known. */
  readonly items: readonly ActionInfo[] | undefined;
  readonly error: Failure | undefined;
}

/** What can be done on a target, with the role, lock and parameters of each. */
export function useActions(target: string | undefined): Actions {
  const [state, setState] = useState<Actions>({ items: undefined, error: undefined });
  useEffect(() => {
    if (target === undefined) return;
    let wanted = true;
    listOf(target).then(
      (items) => wanted && setState({ items, error: undefined }),
      (error: unknown) => wanted && setState({ items: undefined, error: toFailure(error) }),
    );
    return () => {
      wanted = false;
    };
  }, [target]);
  return state;
}
