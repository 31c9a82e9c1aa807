/** Runs what a runbook tells to run, on real servers, as the one who is on call would. */
import pg from 'pg';
import {
  type PgBouncerVersion,
  type PostgresMajor,
  type PostgresServer,
  startPgBouncer,
  startPostgres,
} from '../../../demo/servers/index.ts';
import { loadMusicDb } from '../../../exporter/src/sample/musicdb/load.ts';
import { functionsBundle, sampleBundle } from '../../../exporter/src/sql/bundles.ts';
import { installBundles } from '../../../exporter/src/sql/install.ts';
import type { Fence } from './document.ts';

/**
 * Who asks, where: `postgres` is a server as anybody has it, `pgvigil` one after `pgvigil sql install` with MusicDB. Whoever
 * looks after MusicDB may read its tables and look for duplicates, which monitoring may not.
 */
const PLACES = {
  plain: { database: 'postgres', role: 'on_call' },
  pgvigil: { database: 'pgvigil', role: 'on_call_pgvigil' },
  musicdb: { database: 'pgvigil', role: 'on_call_reader' },
} as const;

const ROLES = [
  'create role on_call login in role pg_monitor',
  'create role on_call_pgvigil login in role pgvigil_monitor',
  'create role on_call_reader login in role pgvigil_monitor, pgvigil_maintain, pg_read_all_data',
];

const placeOf = ({ words }: Fence): keyof typeof PLACES =>
  words.includes('musicdb') ? 'musicdb' : words.includes('pgvigil') ? 'pgvigil' : 'plain';

/** `16+` and `-16` behind the language; without them, every version. */
export function isFor({ words }: Fence, major: number): boolean {
  return words.every((word) => {
    const [, below, number, above] = /^(-?)(\d+)(\+?)$/.exec(word) ?? [];
    return number === undefined || (above === '+' ? major >= Number(number) : below !== '-' || major <= Number(number));
  });
}

/** Runs each block in a read-only transaction of its own. Gives what failed, as `file:line: message`. */
export async function runSql(major: PostgresMajor, fences: readonly Fence[]): Promise<string[]> {
  const server = await startPostgres({ major });
  try {
    await prepare(server);
    const problems: string[] = [];
    for (const [place, { database, role }] of Object.entries(PLACES)) {
      const own = fences.filter((fence) => placeOf(fence) === place && isFor(fence, major));
      problems.push(...(await runIn(server.url(database, role), own)));
    }
    return problems;
  } finally {
    await server.stop();
  }
}

async function prepare(server: PostgresServer): Promise<void> {
  await server.query('create extension pg_stat_statements');
  await server.query('create database pgvigil');
  const owner = new pg.Client({ connectionString: server.url('pgvigil') });
  await owner.connect();
  try {
    await owner.query('create extension pg_stat_statements');
    const bundles = [functionsBundle(), sampleBundle('musicdb')];
    await installBundles(owner, bundles, { version: '0', report: () => undefined });
    await loadMusicDb(owner, { tracks: 500, seed: 7 });
    for (const sql of ROLES) await owner.query(sql);
  } finally {
    await owner.end();
  }
}

async function runIn(url: string, fences: readonly Fence[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, options: '-c statement_timeout=60s -c lock_timeout=60s' });
  await client.connect();
  const problems: string[] = [];
  const warnings: string[] = [];
  // `pg_terminate_backend()` of a pid that is not there only warns: whoever is on call would have ended a session.
  client.on('notice', ({ severity, message }) => {
    if (severity === 'WARNING') warnings.push(message ?? '');
  });
  try {
    for (const { file, line, text } of fences) {
      await client.query('begin transaction read only');
      await client.query(text).catch((error: Error & { position?: string }) => {
        const before = text.slice(0, Number(error.position ?? 0));
        problems.push(`${file}:${line + before.split('\n').length}: ${error.message}`);
      });
      problems.push(...warnings.splice(0).map((warning) => `${file}:${line}: it warns: ${warning}`));
      await client.query('rollback');
    }
  } finally {
    await client.end();
  }
  return problems;
}

/** One command a line, with or without the semicolon. */
export const consoleCommands = ({ text }: Fence): string[] =>
  text.split('\n').flatMap((line) => line.replace(/--.*/, '').replace(/;\s*$/, '').trim() || []);

const newEnough = ({ words }: Fence, version: string): boolean => {
  const asNumber = (text: string): number => {
    const [major = 0, minor = 0] = text.split('.').map(Number);
    return major * 1000 + minor;
  };
  return words.every((word) => !/^\d+\.\d+\+$/.test(word) || asNumber(version) >= asNumber(word.slice(0, -1)));
};

/** Runs the SHOW commands as a user who may look and not act. @throws ServerUnavailable */
export async function runShow(version: PgBouncerVersion, fences: readonly Fence[]): Promise<string[]> {
  const bouncer = await startPgBouncer({
    version,
    databases: { shop: 'host=127.0.0.1 port=1' },
    users: { postgres: '', pgbouncer_stats: '' },
    authType: 'trust',
    settings: { stats_users: 'pgbouncer_stats' },
  });
  const client = new pg.Client({ connectionString: bouncer.url('pgbouncer', 'pgbouncer_stats') });
  const problems: string[] = [];
  try {
    await client.connect();
    for (const fence of fences.filter((one) => newEnough(one, bouncer.version))) {
      for (const command of consoleCommands(fence).filter((one) => /^show\b/i.test(one))) {
        await client.query(command).catch((error: Error) => {
          problems.push(`${fence.file}:${fence.line}: ${command}: ${error.message}`);
        });
      }
    }
  } finally {
    await client.end();
    await bouncer.stop();
  }
  return problems;
}
