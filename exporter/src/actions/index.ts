/** The list of actions: a new one is a file and a line here. */
import type { Role } from '../contract/index.ts';
import { analyze } from './analyze.ts';
import { cancel } from './cancel.ts';
import { create_index } from './create_index.ts';
import { drop_index } from './drop_index.ts';
import { drop_leftover } from './drop_leftover.ts';
import { refresh_matview } from './refresh_matview.ts';
import { reindex } from './reindex.ts';
import { terminate } from './terminate.ts';
import type { Action } from './types.ts';
import { vacuum } from './vacuum.ts';
import { vacuum_freeze } from './vacuum_freeze.ts';

export const actions: readonly Action[] = [
  analyze,
  vacuum,
  vacuum_freeze,
  reindex,
  create_index,
  drop_index,
  drop_leftover,
  refresh_matview,
  cancel,
  terminate,
];

export const actionById: ReadonlyMap<string, Action> = new Map(actions.map((action) => [action.id, action]));

/** The least role for an action; undefined for one that does not exist. */
export const roleOf = (action: string): Role | undefined => actionById.get(action)?.role;
