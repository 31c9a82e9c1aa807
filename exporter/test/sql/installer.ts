/** What tests of `pgvigil sql` share: the command in this process, a small set of files, a connection. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { PostgresServer } from '../../../demo/servers/index.ts';
import { runCli } from '../../src/cli/main.ts';
import { addSqlCommands } from '../../src/cli/sql.ts';
import { type Bundle, functionsBundle, sampleBundle, sqlFolder } from '../../src/sql/bundles.ts';
import { type Installed, installBundles, type InstallOptions } from '../../src/sql/install.ts';

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** `pgvigil sql …`, with the files of the package. */
export async function pgvigilSql(...argv: string[]): Promise<Ran> {
  const said = { out: '', err: '' };
  const status = await runCli({
    argv: ['sql', ...argv],
    env: {},
    version: '0.0.0',
    commands: { serve: () => Promise.resolve(), check: () => Promise.resolve() },
    groups: [addSqlCommands],
    out: (text) => (said.out += text),
    err: (text) => (said.err += text),
  });
  return { status, ...said };
}

export interface Fixture {
  readonly folder: string;
  /** Writes or replaces a file. @param file below the folder: `03_things.sql`, `init/01-music.sql`. */
  write(file: string, text: string): void;
  functions(): Bundle;
  music(): Bundle;
  remove(): void;
}

export const THINGS = `-- Things.
create table if not exists pgvigil.thing (id int primary key, name text not null default 'none');
create index if not exists thing_name on pgvigil.thing (name);
create statistics if not exists pgvigil.thing_pair on id, name from pgvigil.thing;
do $$ begin
  create type pgvigil.pair as (one int, two text);
  create type pgvigil.mood as enum ('good', 'bad');
  create domain pgvigil.positive as int check (value > 0);
exception when duplicate_object then null;
end $$;
create table if not exists pgvigil.part (
  id bigint generated always as identity, day date not null default now(), mood pgvigil.mood, size pgvigil.positive,
  thing int references pgvigil.thing, primary key (id, day)
) partition by range (day);
create table if not exists pgvigil.part_one partition of pgvigil.part for values from ('2026-01-01') to ('2026-02-01');
create or replace view pgvigil.things as select id from pgvigil.thing;
create or replace function pgvigil.answer() returns int language sql as 'select 42';
create or replace function pgvigil.stay() returns trigger language plpgsql as 'begin return null; end';
create or replace trigger stay before delete on pgvigil.thing for each row execute function pgvigil.stay();
revoke all on function pgvigil.answer(), pgvigil.stay() from public;
grant execute on function pgvigil.answer() to pgvigil_monitor;
`;

export const MUSIC = `create schema if not exists musicdb;
create table if not exists musicdb.tracks (track_id int primary key, title text not null);
create or replace view musicdb.titles as select title from musicdb.tracks;
`;

/** The package's first two files, one with an object of each common kind, and a sample of two objects. */
export function makeFixture(): Fixture {
  const folder = mkdtempSync(join(tmpdir(), 'pgvigil-sql-'));
  for (const file of ['01_schema.sql', '02_roles.sql']) cpSync(join(sqlFolder(), file), join(folder, file));
  mkdirSync(join(folder, 'init'));
  const fixture: Fixture = {
    folder,
    write: (file, text) => writeFileSync(join(folder, file), text),
    functions: () => functionsBundle(folder),
    music: () => sampleBundle('musicdb', folder),
    remove: () => rmSync(folder, { recursive: true }),
  };
  fixture.write('03_things.sql', THINGS);
  fixture.write('init/01-music.sql', MUSIC);
  return fixture;
}

/** A connection for the length of `work`. */
export async function withConnection<T>(
  url: string,
  work: (client: pg.Client) => Promise<T>,
  config: pg.ClientConfig = {},
): Promise<T> {
  const client = new pg.Client({ connectionString: url, ...config });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export interface InstallRun {
  readonly installed: readonly Installed[];
  readonly lines: readonly string[];
}

export async function install(
  url: string,
  bundles: readonly Bundle[],
  options: Partial<InstallOptions> = {},
): Promise<InstallRun> {
  const lines: string[] = [];
  const report = (line: string): void => void lines.push(line);
  const installed = await withConnection(url, (client) =>
    installBundles(client, bundles, { version: '1.0.0', report, ...options }),
  );
  return { installed, lines };
}

let databases = 0;

/** A database of its own, named in the order of creation. */
export async function freshDatabase(server: PostgresServer, owner = 'postgres'): Promise<string> {
  const name = `fresh_${++databases}`;
  await server.query(`create database ${name} owner ${owner}`);
  return name;
}

/** Drops all that `freshDatabase` made, and the roles, which belong to no database. */
export async function dropInstalled(server: PostgresServer): Promise<void> {
  const made = await server.query<{ datname: string }>("select datname from pg_database where datname like 'fresh%'");
  for (const { datname } of made) await server.query(`drop database ${datname} with (force)`);
  await server.query('drop role if exists pgvigil_monitor, pgvigil_maintain, pgvigil_owners');
}
