/** Where a page or panel looks: which target, database and window. Given by App, or by a panel around its content. */
import type { TimeRange } from '@grafana/data';
import type { Status, Target } from '@pgvigil/exporter/contract';
import { createContext, useContext, useMemo } from 'react';
import { PLUGIN_BASE_URL } from '../constants';
import { writeWindow } from './url_state';

export interface Scope {
  /** Name of the target; undefined until the targets are known. */
  readonly target: string | undefined;
  /** Undefined: the one of the target's connection string. */
  readonly database: string | undefined;
  readonly range: TimeRange;
  /** What the exporter says of the target; undefined while it is loaded. */
  readonly info: Target | undefined;
  /** What works, and who asks; undefined while it is loaded. */
  readonly status: Status | undefined;
}

export const ScopeContext = createContext<Scope | undefined>(undefined);

/** @throws Error outside of App and of a panel's own provider. */
export function useScope(): Scope {
  const scope = useContext(ScopeContext);
  if (scope === undefined) throw new Error('useScope needs a ScopeContext around it');
  return scope;
}

/** Target and database, as most calls take them; undefined until known. */
export function useOfDatabase(): { target: string; database?: string } | undefined {
  const { target, database } = useScope();
  return useMemo(() => (target === undefined ? undefined : { target, database }), [target, database]);
}

/** The window as calls take it: ISO 8601 in UTC. */
export function useWindow(): { from: string; to: string } {
  const { range } = useScope();
  return useMemo(() => ({ from: range.from.toISOString(), to: range.to.toISOString() }), [range]);
}

/**
 * Address of a page of the app with the same target, database and window.
 * @param path below the app: `queries/42`.
 */
export function useLink(): (path: string, more?: Record<string, string | undefined>) => string {
  const { target, database, range } = useScope();
  return (path, more = {}) => {
    const all = { target, database, ...writeWindow(range.raw), ...more };
    const given = Object.entries(all).filter((entry): entry is [string, string] => Boolean(entry[1]));
    return `${PLUGIN_BASE_URL}/${path}?${new URLSearchParams(given).toString()}`;
  };
}
