/** What the subcommands of `pgvigil bench` work with: the configuration, the state database, a run by its id. */
import { Option } from 'commander';
import { type BenchmarkRow, findBeginning } from '../benchmark/book/rows.ts';
import { loadConfig } from '../config/load.ts';
import { BadValue, suggest } from '../config/problems.ts';
import type { Config, TargetConfig } from '../config/types.ts';
import { type Query, Store } from '../store/store.ts';
import type { Io } from './group.ts';

/** What all subcommands take. */
export interface Common {
  readonly 'config.file'?: string;
}

/** As in `pgvigil serve`. */
export const configOption = (): Option =>
  new Option('--config.file <path>', 'the configuration').env('PGVIGIL_CONFIG_FILE');

export interface Opened {
  readonly config: Config;
  readonly store: Store;
  readonly query: Query;
}

/** @throws ConfigError */
export function configOf(options: Common, { env, err }: Io): Config {
  const path = options['config.file'];
  const { config, warnings } = loadConfig({ argv: path === undefined ? [] : [`--config.file=${path}`], env });
  for (const warning of warnings) err(`pgvigil: ${warning}\n`);
  return config;
}

/** @throws ConfigError; BadValue without a state database */
function opened(options: Common, io: Io): Opened {
  const config = configOf(options, io);
  if (config.state === undefined)
    throw new BadValue(
      'no state database is configured: what is measured would be lost, and after a kill nobody would know what to take back',
      'Set state.url (PGVIGIL_STATE_URL), after pgvigil state migrate.',
    );
  const store = new Store(config.state);
  return { config, store, query: (statement, values) => store.query(statement, values) };
}

/** @throws as what it opens and does. */
export async function withStore(options: Common, io: Io, work: (opened: Opened) => Promise<unknown>): Promise<void> {
  const all = opened(options, io);
  try {
    await work(all);
  } finally {
    await all.store.close();
  }
}

/** @throws BadValue */
export function targetOf({ targets }: Config, name: string): TargetConfig {
  const target = targets.find((one) => one.name === name);
  if (target) return target;
  const names = targets.map((one) => one.name);
  throw new BadValue(`there is no target ${name}`, suggest(name, names));
}

/** @throws BadValue when none or several begin so. */
export async function find(query: Query, id: string): Promise<BenchmarkRow> {
  const rows = /^[0-9a-f-]{1,36}$/.test(id) ? await findBeginning(query, id) : [];
  if (rows.length === 1) return rows[0];
  throw new BadValue(`${rows.length === 0 ? 'no' : 'more than one'} run begins with ${id}`, 'See pgvigil bench list.');
}
