import type { Fleet } from './types.ts';

export const fleets: readonly Fleet[] = [
  { name: 'fleet-healthy', topology: 'pair' },
  { name: 'fleet-idle', topology: 'pair', idle: true },
  // A standby whose primary is somebody else's.
  { name: 'fleet-replica-only', topology: 'pair', instance: 'db2:9187' },
  // What their login may not see, or what is not installed, the exporter cannot tell.
  { name: 'fleet-plain-14', topology: 'plain14', fires: ['PgvigilInputMissing/warning'] },
  { name: 'fleet-plain-18', topology: 'plain18', fires: ['PgvigilInputMissing/warning'] },
];
