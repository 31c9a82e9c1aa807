import type { ActionInfo, Role } from '@pgvigil/exporter/contract';
import { useActions } from '../../api/actions';
import { type Scope, useScope } from '../../lib/scope';

const ORDER: readonly Role[] = ['Viewer', 'Editor', 'Admin'];

export const mayAs = (role: Role, needed: Role): boolean => ORDER.indexOf(role) >= ORDER.indexOf(needed);

/** Why an action is not offered; `may` says that it is. */
export interface Right {
  readonly state: 'may' | 'role' | 'off' | 'unknown';
  /** For `off`: why, and the cure. */
  readonly words: string;
  readonly info: ActionInfo | undefined;
}

const off = (part: { reason: string; cure: string }, info: ActionInfo): Right => ({
  state: 'off',
  words: [part.reason, part.cure].filter(Boolean).join(' '),
  info,
});

export function rightOf(info: ActionInfo | undefined, scope: Pick<Scope, 'status' | 'info'>): Right {
  const { status, info: target } = scope;
  if (!info || !status || !target) return { state: 'unknown', words: '', info };
  if (!mayAs(status.you.role, info.role)) return { state: 'role', words: '', info };
  if (status.actions.state !== 'on') return off(status.actions, info);
  // Cancel and terminate need neither a maintenance role nor the state database.
  if (info.kind === 'session') return { state: 'may', words: '', info };
  if (status.state.state !== 'on') return off(status.state, info);
  if (target.actions.state !== 'on') return off(target.actions, info);
  return { state: 'may', words: '', info };
}

/** Whether who looks at the page may do this on its target. */
export function useRight(action: string): Right {
  const scope = useScope();
  const { items } = useActions(scope.target);
  return rightOf(
    items?.find((item) => item.id === action),
    scope,
  );
}
