/** A database of 5,000 tables, and as many statements that the server has counted, one of each table. */
import pg from 'pg';
import type { PostgresServer } from '../../demo/servers/index.ts';
import { pgvigil } from '../../exporter/test/support/state.ts';
import type { Named } from './history.ts';

export const DATABASE = 'shop';
export const MAINTENANCE = 'operator';
const TABLES = 5000;
/** Every fifth table has rows that nobody has ever counted: a finding each. */
const ROWS = 1001;
const USERS = 7;

const ROLES = `
  create role ${MAINTENANCE} login; grant pgvigil_maintain to ${MAINTENANCE};
  create role shop_owner login; grant shop_owner to pgvigil_owners;
  grant pgvigil_monitor, pg_read_all_data, pg_write_all_data to pgvigil_exporter;
  create schema shop authorization shop_owner;
  grant usage on schema shop to pgvigil_maintain`;

const CREATE_TABLES = `
  do $$ begin
    for n in 0..${TABLES - 1} loop
      execute format('create table shop.orders_%s (id int primary key, customer int, placed timestamptz default now())
                      with (autovacuum_enabled = false)', n);
      execute format('create index on shop.orders_%s (placed)', n);
      if n % 5 = 0 then
        execute format('insert into shop.orders_%s select i, i from generate_series(1, ${ROWS}) i', n);
      end if;
      if n % 100 = 0 then commit; end if;
    end loop;
  end $$`;

/** @returns what pg_stat_statements has of it. The role pgvigil_exporter has to be there. */
export async function createWorld(server: PostgresServer): Promise<Named[]> {
  await server.query(`create database ${DATABASE}`);
  const { status, text } = await pgvigil('sql', 'install', '--db', server.url(DATABASE));
  if (status !== 0) throw new Error(text);
  await server.query(`create extension pg_stat_statements; ${ROLES}`, DATABASE);
  await as(server, 'shop_owner', [CREATE_TABLES]);
  for (let user = 0; user < USERS; user++) {
    await server.query(`create role service_${user} login; grant shop_owner to service_${user}`);
    const texts = Array.from({ length: TABLES }, (_, number) => statementOf(number)).filter(
      (_, number) => number % USERS === user,
    );
    await as(server, `service_${user}`, batches(texts, 100));
  }
  return recorded(server);
}

const KINDS = ['select', 'select', 'select', 'insert', 'update', 'delete'];

function statementOf(number: number): string {
  const table = `shop.orders_${number}`;
  switch (KINDS[number % KINDS.length]) {
    case 'insert':
      return `insert into ${table} (id, customer) values (2000, 7)`;
    case 'update':
      return `update ${table} set customer = 8 where id = 5`;
    case 'delete':
      return `delete from ${table} where customer = 9`;
    default:
      // By no alias: from PostgreSQL 18 on, tables are told apart by the name that they have in the statement.
      return `select id, placed from ${table} where customer = 7 and placed > '2026-01-01' order by placed limit 20`;
  }
}

const batches = (texts: readonly string[], size: number): string[] =>
  Array.from({ length: Math.ceil(texts.length / size) }, (_, batch) =>
    texts.slice(batch * size, (batch + 1) * size).join(';\n'),
  );

async function as(server: PostgresServer, user: string, texts: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: server.url(DATABASE, user) });
  await client.connect();
  for (const text of texts) await client.query(text);
  await client.end();
}

async function recorded(server: PostgresServer): Promise<Named[]> {
  const rows = await server.query<{ queryId: string; user: string; text: string; number: number }>(
    `select s.queryid::text as "queryId", r.rolname::text as user, s.query as text,
            substring(s.query from 'shop\\.orders_(\\d+)')::int as number
       from pg_stat_statements s join pg_roles r on r.oid = s.userid
      where r.rolname like 'service\\_%' and s.query ~ '^(select|insert|update|delete)' and s.query ~ 'shop\\.orders_\\d+'
      order by number`,
    DATABASE,
  );
  if (rows.length !== TABLES) throw new Error(`${rows.length} statements were counted, not ${TABLES}`);
  return rows.map(({ number, ...row }) => ({
    ...row,
    database: DATABASE,
    kind: KINDS[number % KINDS.length],
    tables: [`shop.orders_${number}`],
  }));
}

/** With rows, and a statement of kind select. */
export const SUBJECT = 'shop.orders_30';

/** Two plans of one statement: the second with an index that its table did not have. */
export const CREATE_INDEX = `create index on ${SUBJECT} (customer, placed); analyze ${SUBJECT}`;
