/** The exporters that are compared, each started as a program of its own with a role of its own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startExporter } from '../demo/exporter.ts';
import { Daemon, freePort, tool } from '../demo/servers/index.ts';
import type { Command, PostgresServer } from '../demo/servers/index.ts';
import type { Role } from './databases.ts';
import { TABLE_QUERIES } from './queries.ts';
import { Scraper } from './scrape.ts';

export interface Subject {
  readonly role: Role;
  readonly pid: number;
  readonly url: string;
  readonly scraper: Scraper;
  stop(): Promise<void>;
}

/** How our own exporter is run: the built one or the sources. */
export interface Build {
  /** Undefined: the source tree's. */
  readonly program?: string;
  /** Node and its flags; undefined: as the program's first line says. */
  readonly node?: readonly string[];
}

export interface Where {
  readonly postgres: PostgresServer;
  readonly database: string;
}

const SERVER_0_11 = [
  'database',
  'locks',
  'replication_slots',
  'settings',
  'stat_activity',
  'stat_archiver',
  'stat_bgwriter',
  'stat_database',
  'stat_database_conflicts',
  'stat_replication',
];
const TABLES = ['stat_user_tables', 'statio_user_tables', 'user_table_sizes'];

/** Our collectors that give a peer's families, no others. */
export const COLLECTORS = {
  '0.11': SERVER_0_11,
  '0.11 with table queries': [...SERVER_0_11, ...TABLES],
  '0.20': [...SERVER_0_11, 'replication', 'roles', 'stat_progress_vacuum', 'wal', ...TABLES],
} as const;
export type Families = keyof typeof COLLECTORS;

/** Ours doing what the peer does: the same families, everything in the scrape, no limit to the series. */
export function startAlike(build: Build, where: Where, families: Families, env?: Env): Promise<Subject> {
  const args = [
    `--compat=${families.startsWith('0.11') ? '0.11' : '0.20'}`,
    '--collectors.inline',
    '--series-budget=0',
    '--scrape.share-seconds=0',
    '--no-auto-discover-databases',
    '--disable-default-metrics',
    ...COLLECTORS[families].map((name) => `--collector.${name}`),
  ];
  return startOurs(build, where, 'bench_ours', args, env);
}

/** Ours as a user gets it. */
export function startReal(build: Build, where: Where, args: readonly string[] = []): Promise<Subject> {
  return startOurs(build, where, 'bench_real', args);
}

type Env = Readonly<Record<string, string>>;

async function startOurs(
  build: Build,
  where: Where,
  role: Role,
  args: readonly string[],
  more: Env = {},
): Promise<Subject> {
  const env = { DATA_SOURCE_NAME: dsn(where, role), ...more };
  const exporter = await startExporter({ port: await freePort(), ...build, args, env });
  return subject(role, exporter.pid, `${exporter.url}/metrics`, () => exporter.stop());
}

/** Debian's postgres_exporter 0.11.1; `tables`: with queries for the families of tables. */
export async function startPeer011(where: Where, tables: boolean): Promise<Subject> {
  return startPeer(await tool('postgres_exporter'), where, tables ? TABLE_QUERIES : undefined);
}

/** A current postgres_exporter, with its defaults. */
export async function startPeer020(program: string, where: Where): Promise<Subject> {
  return startPeer({ file: program, args: [], env: {} }, where);
}

async function startPeer(command: Command, where: Where, queries?: string): Promise<Subject> {
  const role = 'bench_peer';
  const env = { PATH: process.env.PATH, DATA_SOURCE_NAME: dsn(where, role) };
  const daemon = new Daemon({ name: 'postgres_exporter', directory: 'peer', command: { ...command, env } });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/metrics`;
  const args = [`--web.listen-address=127.0.0.1:${port}`];
  if (queries !== undefined) {
    const file = join(daemon.dir, 'queries.yaml');
    writeFileSync(file, queries);
    args.push(`--extend.query-path=${file}`);
  }
  await daemon.start(args, async () => {
    const answer = await fetch(url).catch(() => undefined);
    return (await answer?.text())?.includes('pg_up 1') ?? false;
  });
  return subject(role, daemon.pid, url, () => daemon.end('SIGTERM'));
}

function subject(role: Role, pid: number, url: string, stop: () => Promise<void>): Subject {
  const scraper = new Scraper(url);
  return {
    role,
    pid,
    url,
    scraper,
    stop: () => {
      scraper.close();
      return stop();
    },
  };
}

const dsn = ({ postgres, database }: Where, role: Role): string => `${postgres.url(database, role)}?sslmode=disable`;
