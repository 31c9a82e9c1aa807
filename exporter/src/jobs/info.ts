import type { Action, Grant } from '../actions/types.ts';
import type { ActionInfo } from '../contract/index.ts';

/** @param major of the server, for the grants that it needs; undefined: those of all versions, each with its own. */
export function infoOf(
  { id, title, description, role, kind, lock, grants, params }: Action,
  major: number | undefined,
): ActionInfo {
  return {
    id,
    title,
    description,
    role,
    kind,
    lock,
    params: [...params],
    grants: grants.flatMap((grant) => grantWords(grant, major)),
  };
}

function grantWords({ from = 0, until = Infinity, text }: Grant, major: number | undefined): string[] {
  if (major !== undefined) return major >= from && major < until ? [text] : [];
  if (from > 0) return [`from PostgreSQL ${from} on: ${text}`];
  return [until === Infinity ? text : `before PostgreSQL ${until}: ${text}`];
}
