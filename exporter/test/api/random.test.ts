/** 10,000 requests that nobody should send, to each version its part: no fault of ours, and no change on the server. */
import fc from 'fast-check';
import { Agent, request as httpRequest } from 'node:http';
import { POSTGRES_MAJORS, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { actions } from '../../src/actions/index.ts';
import { type EndpointKey, endpoints } from '../../src/contract/index.ts';
import { prepareState } from '../actions/fixture.ts';
import { type ApiExporter, startApi, validate } from '../support/api.ts';
import { grafanaContext, send } from '../support/caller.ts';
import { type OpenApi, type RandomRequest, requests } from './generate.ts';

const REQUESTS = 10_000 / POSTGRES_MAJORS.length;
const SEED = 4711;
const AT_ONCE = 8;

let server: PostgresServer;
let exporter: ApiExporter;
let planned = 0;

/** Of every database but the state's: the catalogue without counters, and the rows. */
async function fingerprint(): Promise<unknown> {
  const [databases] = await server.query('select array_agg(datname order by 1) as names from pg_database');
  const [catalogue] = await server.query(
    `select (select md5(string_agg(format('%s %s %s %s %s %s', c.oid, c.relname, c.relkind, c.relowner, c.relfilenode, c.relacl), ',' order by c.oid))
               from pg_class c where c.relnamespace <> 'pg_toast'::regnamespace) as classes,
            (select md5(string_agg(a::text, ',' order by a.attrelid, a.attnum)) from pg_attribute a) as attributes,
            (select md5(string_agg(p.oid || p.prosrc, ',' order by p.oid)) from pg_proc p) as functions,
            (select md5(string_agg(r::text, ',' order by r.oid)) from pg_roles r) as roles,
            (select md5(string_agg(name || setting, ',' order by name)) from pg_settings where source <> 'session' and name !~ 'transaction') as settings,
            (select md5(string_agg(t::text, ',' order by id)) from t) as rows,
            (select count(*) from pg_stat_all_tables where last_vacuum is not null) as vacuumed`,
    'shop',
  );
  return { databases, catalogue };
}

async function known(): Promise<Record<string, unknown[]>> {
  const [{ t, t_word, mv, pid }] = await server.query<{ t: number; t_word: number; mv: number; pid: number }>(
    `select 't'::regclass::oid as t, 't_word'::regclass::oid as t_word, 'mv'::regclass::oid as mv, pg_backend_pid() as pid`,
    'shop',
  );
  const ids = await server.query<{ id: string }>('select distinct queryid::text as id from pg_stat_statements', 'shop');
  return {
    target: ['main'],
    database: ['shop', 'postgres'],
    table: [t],
    index: [t_word],
    view: [mv],
    params: [{ table: t }, { index: t_word }, { view: mv }, { table: t, columns: [{ name: 'word' }] }],
    pid: [pid],
    action: actions.map(({ id }) => id),
    queryId: ids.map(({ id }) => id),
    name: ['id', 'word'],
    column: ['word'],
    page: [1],
    pageSize: [10],
  };
}

const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
afterAll(() => agent.destroy());

/** As it is, without a client that mends the URL. */
function raw(
  { method, path, body, contentType, role }: RandomRequest,
  number: number,
): Promise<{ status: number; text: string }> {
  const { read, write } = exporter.secrets;
  return new Promise((resolve, reject) => {
    const url = new URL(exporter.url);
    const sent = httpRequest(
      {
        agent,
        host: url.hostname,
        port: url.port,
        method,
        path,
        headers: {
          'X-Pgvigil-Secret': method === 'GET' ? read : write,
          // Nobody is so quick by hand that the rate limit would be what this finds.
          'X-Grafana-Context': grafanaContext(role, `user ${number}`),
          ...(body !== undefined && { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) }),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode!, text: Buffer.concat(chunks).toString() }));
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  beforeAll(async () => {
    server = await startPostgres({ major, settings: { shared_preload_libraries: 'pg_stat_statements' } });
    await server.query('create database shop');
    await server.query(
      `create extension pg_stat_statements;
       create table t (id int primary key, word text, n numeric);
       insert into t select i, 'w' || i, i from generate_series(1, 500) i;
       create index t_word on t (word);
       create materialized view mv as select count(*) from t;
       create function touch() returns int volatile language sql as 'delete from t; select 1';
       analyze`,
      'shop',
    );
    await prepareState(server);
    exporter = await startApi({
      config: `
  state: { url: "${server.url('state', 'pgvigil_exporter')}" }
  history: { interval_seconds: 1s }
  targets:
    - { name: main, postgres: "${server.url('shop')}", maintenance: { user: postgres } }`,
    });
  });
  afterAll(async () => {
    await exporter.stop();
    await server.stop();
  });

  test(`${REQUESTS} random requests: each is answered as the OpenAPI says, none with 500 or 401, and nothing has changed`, async () => {
    const api = (await send(exporter, 'GET', '/openapi.json')).json as OpenApi;
    const all = fc.sample(requests(api, await known()), { numRuns: REQUESTS, seed: SEED + major });
    const before = await fingerprint();
    const statuses = new Map<string, number>();
    const wrong: unknown[] = [];
    const work = all.entries();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (const [number, one] of work) {
          const { status, text } = await raw(one, number);
          const key = `${one.method} ${one.template.replace(/\{(\w+)\}/g, ':$1')}`;
          statuses.set(`${key} ${status}`, (statuses.get(`${key} ${status}`) ?? 0) + 1);
          try {
            if ([401, 500].includes(status)) throw new Error(`${status} ${text}`);
            if (key in endpoints) await validate(exporter, key as EndpointKey, status, JSON.parse(text));
          } catch (error) {
            wrong.push([(error as Error).message.slice(0, 1000), JSON.stringify(one).slice(0, 500)]);
          }
        }
      }),
    );
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(exporter.log()).not.toContain('request failed');
    expect(await fingerprint()).toEqual(before);
    // It would prove nothing if all had been refused at the door.
    for (const key of Object.keys(endpoints)) {
      const asked = [...statuses].filter(([name]) => name.startsWith(`${key} `));
      expect([key, asked.reduce((sum, [, count]) => sum + count, 0) > 20]).toEqual([key, true]);
    }
    expect(statuses.get('GET /api/v1/activity 200')).toBeGreaterThan(20);
    planned += statuses.get('POST /api/v1/actions/:action/plan 200') ?? 0;
  }, 600_000);
});

test('some of them got as far as a plan', () => {
  expect(planned).toBeGreaterThan(3);
});
