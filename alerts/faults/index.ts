/** All faults by area: one file each. */
import { availability } from './availability.ts';
import { capacity } from './capacity.ts';
import { connections } from './connections.ts';
import { exporter } from './exporter.ts';
import { ingestion } from './ingestion.ts';
import { locks } from './locks.ts';
import { maintenance } from './maintenance.ts';
import { pgbouncer } from './pgbouncer.ts';
import { queries } from './queries.ts';
import { replication } from './replication.ts';
import type { Fault } from './types.ts';
import { wal } from './wal.ts';
import { wraparound } from './wraparound.ts';

export const faults: Readonly<Record<string, readonly Fault[]>> = {
  availability,
  connections,
  pgbouncer,
  locks,
  replication,
  wal,
  maintenance: [...maintenance, ...wraparound],
  queries,
  ingestion,
  exporter,
  capacity,
};
