import type { ActionInfo, ParamValues, Relation } from '@pgvigil/exporter/contract';
import { useEffect, useState } from 'react';
import { call } from '../../api/client';
import { type Failure, toFailure } from '../../api/failure';

const KINDS = ['table', 'index', 'materialized view'] as const;
type Kind = (typeof KINDS)[number];

export interface FoundObject {
  readonly relation: Relation;
  readonly kind: Kind;
}
export interface ObjectState {
  /** Undefined while it is looked for; null when there is none of that name. */
  readonly found: FoundObject | null | undefined;
  readonly error: Failure | undefined;
}

const MOST = 100;
const nameOf = ({ schema, name }: Relation) => `${schema}.${name}`;

/** A table, index or view by its name, `schema.name` or the name alone where only one has it. */
export function useObject(target: string | undefined, database: string | undefined, name: string): ObjectState {
  const [state, setState] = useState<ObjectState>({ found: undefined, error: undefined });
  useEffect(() => {
    if (target === undefined) return;
    const abort = new AbortController();
    // The search is for a part of the name alone; a schema's name may hold points too, so both are tried as they are.
    const search = name.slice(name.lastIndexOf('.') + 1);
    const look = async (kind: Kind): Promise<FoundObject[]> => {
      const query = { target, database, kind, search, pageSize: MOST };
      const { items } = await call('GET /api/v1/objects', { query }, abort.signal);
      const exact = items.filter(({ relation }) => nameOf(relation) === name);
      const alone = items.filter(({ relation }) => relation.name === name);
      return (exact.length > 0 ? exact : alone.length === 1 ? alone : []).map(({ relation }) => ({ relation, kind }));
    };
    Promise.all(KINDS.map(look)).then(
      (all) => setState({ found: all.flat()[0] ?? null, error: undefined }),
      (error: unknown) => abort.signal.aborted || setState({ found: undefined, error: toFailure(error) }),
    );
    return () => abort.abort();
  }, [target, database, name]);
  return state;
}

/** The parameters of an action on this object; undefined where it needs more than the object, or another kind. */
export function paramsFor(info: ActionInfo, { kind, relation }: FoundObject): ParamValues | undefined {
  const required = info.params.filter((param) => param.required);
  const [only] = required;
  if (required.length !== 1 || only.type !== kind) return undefined;
  return { [only.name]: relation.oid };
}
