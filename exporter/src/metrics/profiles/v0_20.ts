import type { Profile } from './types.ts';

/** The collectors as they are. One of them still carries the `server` label in that release. */
export const v0_20: Profile = {
  name: '0.20',
  serverLabel: ['stat_database_conflicts'],
  replace: {},
  rename: {},
  types: {},
  omit: [],
};
