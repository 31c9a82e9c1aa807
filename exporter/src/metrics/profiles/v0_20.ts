import type { Profile } from './types.ts';

/** The collectors as they are. Two families still carry the `server` label in that release. */
export const v0_20: Profile = {
  name: '0.20',
  serverLabel: ['stat_database_conflicts', 'static'],
  replace: {},
  rename: {},
  types: {},
  omit: [],
};
