/** The commands beside `serve` and `check`, in the order of the help. */
import { addBenchCommands } from './bench.ts';
import { addEtlCommands } from './etl.ts';
import type { AddCommands } from './group.ts';
import { addPartitionsCommands } from './partitions.ts';
import { addSampleCommands } from './sample.ts';
import { addSqlCommands } from './sql.ts';
import { addStateCommands } from './state.ts';

export const groups: readonly AddCommands[] = [
  addSqlCommands,
  addSampleCommands,
  addEtlCommands,
  addBenchCommands,
  addPartitionsCommands,
  addStateCommands,
];
