/** The boards, in the order in which they are read. */
import { connections } from './connections.ts';
import { database_performance } from './database-performance.ts';
import { exporter } from './exporter.ts';
import { ingestion } from './ingestion.ts';
import type { Board } from './lib/types.ts';
import { locks } from './locks.ts';
import { queries } from './queries.ts';
import { replication } from './replication.ts';
import { tables } from './tables.ts';
import { wal } from './wal.ts';

export const boards: readonly Board[] = [
  database_performance,
  connections,
  queries,
  locks,
  tables,
  wal,
  replication,
  ingestion,
  exporter,
];
