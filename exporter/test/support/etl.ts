/** A MusicDB to load into, files of tracks with known faults, and `pgvigil etl` as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PostgresServer } from '../../../demo/servers/index.ts';
import { applySql } from './sql.ts';

const BIN = join(import.meta.dirname, '../../src/bin.ts');

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Etl {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** @param args behind `pgvigil etl load`. */
export function startEtl(...args: readonly string[]): Etl {
  const child = spawn(process.execPath, [BIN, 'etl', 'load', ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (err += data.toString()));
  // It may end before it has read all.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject).on('close', (status) => resolve({ status, out, err }));
  });
  return { process: child, ended };
}

export const runEtl = (...args: readonly string[]): Promise<Ended> => startEtl(...args).ended;

const TEMPLATE = 'empty_music';
const prepared = new WeakSet<PostgresServer>();

/** Creates a database with MusicDB in it, and with artists a0…a99 and albums b0…b99. @returns its URL. */
export async function createMusicDb(server: PostgresServer, name: string): Promise<string> {
  if (!prepared.has(server)) await prepareTemplate(server);
  prepared.add(server);
  await server.query(`create database ${name} template ${TEMPLATE}`);
  return server.url(name);
}

async function prepareTemplate(server: PostgresServer): Promise<void> {
  await server.query(`create database ${TEMPLATE}`);
  await applySql(server, TEMPLATE, 'init/01-musicdb.sql', 'init/04-bulk-load.sql');
  await server.query(
    `insert into musicdb.artists (external_id, name) select 'a' || i, 'Artist ' || i from generate_series(0, 99) i;
     insert into musicdb.albums (external_id, artist_id, title)
     select 'b' || i, artist_id, 'Album ' || i from generate_series(0, 99) i join musicdb.artists a on a.external_id = 'a' || i`,
    TEMPLATE,
  );
}

export const COLUMNS = [
  'external_id',
  'title',
  'artist_credit',
  'artist_external_id',
  'album_external_id',
  'duration_ms',
  'release_year',
  'isrc',
  'genres',
  'metadata',
] as const;
type Column = (typeof COLUMNS)[number];

/** One fault each, with the reason that its reject must give. */
const FAULTS: readonly (readonly [column: Column, value: string, reason: RegExp])[] = [
  ['external_id', '', /^external_id: missing$/],
  ['external_id', 'x'.repeat(201), /^external_id: longer than 200 characters$/],
  ['title', '', /^title: missing$/],
  ['title', 't'.repeat(501), /^title: longer than 500 characters$/],
  ['title', 'a\0b', /^a NUL character/],
  ['title', 'LATIN1:ö', /^not UTF-8/],
  ['release_year', '2020x', /^release_year: not a whole number/],
  ['release_year', '2525', /^release_year: not between/],
  ['duration_ms', '99999999999', /^duration_ms: not between/],
  ['isrc', 'us-abc-12-00001', /^isrc: not two letters/],
  ['genres', '["rock"', /^genres: not a list of texts$/],
  ['metadata', '{"broken":', /^metadata: not JSON$/],
  ['metadata', '[1]', /^metadata: not a JSON object$/],
  // Our reader takes these for JSON; PostgreSQL does not.
  ['metadata', '{"a":"\\u0000"}', /^not readable: .*Unicode escape/],
  ['metadata', '['.repeat(20_000) + ']'.repeat(20_000), /^not readable: stack depth limit exceeded/],
  ['artist_external_id', 'a100', /^artist_external_id: no such artist$/],
  ['album_external_id', 'nowhere', /^album_external_id: no such album$/],
];

export interface TracksFile {
  readonly rows: number;
  /** Line → the reason of its reject. */
  readonly faults: ReadonlyMap<number, RegExp>;
}

const quote = (value: string): string => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/**
 * Writes a CSV file, the same each time.
 * @param faultEvery one row in so many has a fault; each kind comes up in turn.
 */
export function writeTracks(path: string, rows: number, { faultEvery = Infinity, title = 'Title' } = {}): TracksFile {
  const faults = new Map<number, RegExp>();
  const lines: Buffer[] = [Buffer.from(`${COLUMNS.join(',')}\n`)];
  for (let i = 0; i < rows; i++) {
    const row: Record<Column, string> = {
      external_id: `t:${i}`,
      title: `${title} ${i}, "ü"`,
      artist_credit: `Artist ${i % 100}`,
      artist_external_id: i % 3 === 0 ? '' : `a${i % 100}`,
      album_external_id: i % 5 === 0 ? '' : `b${i % 100}`,
      duration_ms: String(1000 + i),
      release_year: String(1950 + (i % 70)),
      isrc: `USABC${String(1_000_000 + i)}`,
      genres: i % 2 === 0 ? '["rock","new wave"]' : '{folk}',
      metadata: JSON.stringify({ bpm: i % 200, note: 'x'.repeat(i % 90) }),
    };
    if (i % faultEvery === faultEvery - 1) {
      const [column, value, reason] = FAULTS[Math.floor(i / faultEvery) % FAULTS.length];
      row[column] = value;
      faults.set(i + 2, reason);
    }
    const line = `${COLUMNS.map((column) => quote(row[column])).join(',')}\n`;
    lines.push(Buffer.from(line, line.includes('LATIN1') ? 'latin1' : 'utf8'));
  }
  writeFileSync(path, Buffer.concat(lines));
  return { rows, faults };
}

/** All that a load leaves, without numbers and times that differ from run to run. */
export async function contentsOf(server: PostgresServer, database: string): Promise<Record<string, unknown>> {
  const [contents] = await server.query(
    `select (select count(*)::int from musicdb.tracks) as tracks,
            (select md5(string_agg((to_jsonb(t) - '{track_id,created_at,updated_at}'::text[])::text, e'\\n' order by external_id))
               from musicdb.tracks t) as tracks_md5,
            (select count(*)::int from musicdb.rejected_tracks) as rejects,
            (select md5(string_agg((to_jsonb(r) - '{reject_id,run_id,rejected_at}'::text[])::text, e'\\n' order by line))
               from musicdb.rejected_tracks r) as rejects_md5`,
    database,
  );
  return contents;
}

export interface RunRow {
  readonly state: string;
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly rejected: number;
  readonly position: number;
  readonly size: number | null;
  readonly error: string | null;
}

export const runsOf = (server: PostgresServer, database: string): Promise<RunRow[]> =>
  server.query(
    `select state, rows_read::int as read, rows_inserted::int as inserted, rows_updated::int as updated,
            rows_unchanged::int as unchanged, rows_rejected::int as rejected, position_bytes::int as position,
            size_bytes::int as size, error
       from musicdb.ingestion_log order by run_id`,
    database,
  ) as unknown as Promise<RunRow[]>;
