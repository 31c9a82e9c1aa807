/** Asks every part of the stack whether it does what it is there for. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { NativeStack } from './stack.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');

export interface Question {
  readonly name: string;
  /** @returns what was seen, in words. @throws Error saying what is not as it should be. */
  readonly ask: () => Promise<string>;
}

export interface Answer {
  readonly name: string;
  readonly ok: boolean;
  readonly words: string;
}

/** Each is asked until it is answered well, or `timeoutMs` after the first was asked. */
export async function askAll(questions: readonly Question[], timeoutMs: number): Promise<Answer[]> {
  const deadline = Date.now() + timeoutMs;
  const answer = async ({ name, ask }: Question): Promise<Answer> => {
    for (;;) {
      try {
        return { name, ok: true, words: await ask() };
      } catch (error) {
        if (Date.now() > deadline) return { name, ok: false, words: (error as Error).message };
      }
      await sleep(500);
    }
  };
  return Promise.all(questions.map(answer));
}

export function questions(stack: NativeStack, hasGrafana: boolean): Question[] {
  const has = (service: string): boolean => stack.services.has(service);
  return [
    { name: 'Prometheus: targets', ask: () => targets(stack) },
    { name: 'Prometheus: rules', ask: () => rules(stack) },
    { name: 'Prometheus: servers answer', ask: () => serversAnswer(stack) },
    { name: 'Alertmanager: reached, its configuration in force', ask: () => alertmanager(stack) },
    { name: 'Webhook: the Watchdog arrives', ask: () => watchdog(stack) },
    { name: 'PgBouncer: an application logs in', ask: () => login(stack) },
    { name: 'Exporter: state and actions', ask: () => exporter(stack) },
    ...(has('replica') ? [{ name: 'Replica: streams', ask: () => replica(stack) }] : []),
    ...(has('load') ? [{ name: 'Load: at work', ask: () => load(stack) }] : []),
    ...(has('grafana') && hasGrafana ? grafana(stack) : []),
    ...(has('grafana') && !hasGrafana ? [{ name: 'App in its preview', ask: () => preview(stack) }] : []),
  ];
}

async function json<T>(url: string, init?: RequestInit): Promise<T> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return (await response.json()) as T;
}

function insist(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise);
}

interface Target {
  readonly scrapePool: string;
  readonly health: string;
  readonly lastError: string;
}

async function targets(stack: NativeStack): Promise<string> {
  const { data } = await json<{ data: { activeTargets: Target[] } }>(`${stack.url('prometheus')}/api/v1/targets`);
  const pools = data.activeTargets.map(({ scrapePool }) => scrapePool).sort();
  insist(pools.join() === 'alertmanager,pgvigil,prometheus', `the targets are ${pools.join(', ') || 'none'}`);
  const bad = data.activeTargets.filter(({ health }) => health !== 'up');
  insist(
    bad.length === 0,
    bad.map(({ scrapePool, health, lastError }) => `${scrapePool}: ${health} ${lastError}`).join(),
  );
  return pools.join(', ');
}

interface Group {
  readonly name: string;
  readonly file: string;
  readonly rules: readonly { readonly name: string; readonly health: string; readonly lastError?: string }[];
}

async function rules(stack: NativeStack): Promise<string> {
  const { data } = await json<{ data: { groups: Group[] } }>(`${stack.url('prometheus')}/api/v1/rules`);
  const files = readdirSync(join(REPOSITORY, 'alerts')).filter((name) => name.endsWith('.rules.yml'));
  const loaded = new Set(data.groups.map(({ file }) => file));
  insist(loaded.size === files.length, `${loaded.size} of ${files.length} files are loaded`);
  const all = data.groups.flatMap(({ rules }) => rules);
  const bad = all.filter(({ health }) => health !== 'ok');
  insist(
    bad.length === 0,
    bad.map(({ name, health, lastError }) => `${name}: ${health} ${lastError ?? ''}`).join('; '),
  );
  return `${all.length} rules in ${data.groups.length} groups of ${files.length} files, all healthy`;
}

type Sample = { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] };

/** An instant query. */
export async function promQuery(stack: NativeStack, query: string): Promise<Sample[]> {
  const url = `${stack.url('prometheus')}/api/v1/query?query=${encodeURIComponent(query)}`;
  return (await json<{ data: { result: Sample[] } }>(url)).data.result;
}

async function serversAnswer(stack: NativeStack): Promise<string> {
  const samples = await promQuery(stack, '{__name__=~"pg_up|pgbouncer_up"}');
  const wanted = stack.services.has('replica') ? 3 : 2;
  insist(samples.length === wanted, `${samples.length} of ${wanted} servers are known`);
  const silent = samples.filter(({ value }) => value[1] !== '1');
  insist(silent.length === 0, silent.map(({ metric }) => `${metric.__name__} ${metric.target ?? ''}`).join());
  return samples.map(({ metric }) => `${metric.__name__} ${metric.target ?? ''}`.trim()).join(', ');
}

async function alertmanager(stack: NativeStack): Promise<string> {
  const url = `${stack.url('prometheus')}/api/v1/alertmanagers`;
  const { data } = await json<{ data: { activeAlertmanagers: unknown[] } }>(url);
  insist(data.activeAlertmanagers.length === 1, 'Prometheus knows none');
  const status = await json<{ config: { original: string } }>(`${stack.url('alertmanager')}/api/v2/status`);
  insist(status.config.original.includes('receiver: watchdog'), 'it has another configuration');
  return stack.url('alertmanager');
}

export interface Received {
  readonly at: string;
  readonly receiver: string;
  readonly notification: {
    readonly status: string;
    readonly alerts: readonly {
      readonly status: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  };
}

/** What the webhook was sent, newest first. */
export const received = (stack: NativeStack): Promise<Received[]> => json<Received[]>(stack.url('webhook'));

async function watchdog(stack: NativeStack): Promise<string> {
  const all = await received(stack);
  const found = all.find(({ receiver }) => receiver === 'watchdog');
  insist(found !== undefined, `${all.length} notifications so far, none of them the Watchdog's`);
  return `at ${found!.at}`;
}

async function login(stack: NativeStack): Promise<string> {
  const url = new URL(stack.dsn('musicdb_shop'));
  const client = new pg.Client({ connectionString: url.href, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const sql = 'select current_user as name, ssl from pg_stat_ssl where pid = pg_backend_pid()';
    const [{ name, ssl }] = (await client.query<{ name: string; ssl: boolean }>(sql)).rows;
    insist(name === 'musicdb_shop' && ssl, `as ${name}, TLS behind it: ${ssl}`);
    return `as ${name}, TLS on both sides`;
  } finally {
    await client.end();
  }
}

interface Status {
  readonly state: { readonly state: string; readonly reason?: string };
  readonly actions: { readonly state: string; readonly reason?: string };
}

async function exporter(stack: NativeStack): Promise<string> {
  const headers = { 'X-Pgvigil-Secret': stack.secret('api_read_secret') };
  const { state, actions } = await json<Status>(`${stack.url('exporter')}/api/v1/status`, { headers });
  const seen = `state ${state.state}, actions ${actions.state}`;
  insist(state.state === 'on' && actions.state === 'on', seen);
  return seen;
}

async function replica(stack: NativeStack): Promise<string> {
  const sql = "select state, sync_state from pg_stat_replication where application_name = 'replica'";
  const [row] = await stack.query<{ state: string; sync_state: string }>(sql);
  insist(row?.state === 'streaming', row === undefined ? 'not connected' : row.state);
  return `${row.state}, ${row.sync_state}`;
}

async function load(stack: NativeStack): Promise<string> {
  const sql = "select count(*)::int as n from pg_stat_activity where usename = 'musicdb_shop'";
  const [{ n }] = await stack.query<{ n: number }>(sql);
  insist(n > 0, 'nobody is at work');
  return `${n} server connections`;
}

async function preview(stack: NativeStack): Promise<string> {
  const targets = await json<{ up: boolean }[]>(
    `${stack.url('grafana')}/api/plugin-proxy/pgvigil-database-app/api/v1/targets`,
  );
  insist(targets.length > 0 && targets.every(({ up }) => up), JSON.stringify(targets));
  return `${stack.url('grafana')}, ${targets.length} target(s) up`;
}

function grafana(stack: NativeStack): Question[] {
  const login = `admin:${stack.secret('grafana_admin_password')}`;
  const headers = { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
  const ask = <T>(path: string): Promise<T> => json<T>(`${stack.url('grafana')}${path}`, { headers });
  return [
    {
      name: 'Grafana: the data source answers',
      ask: async () => (await ask<{ message: string }>('/api/datasources/uid/pgvigil-prometheus/health')).message,
    },
    {
      name: 'Grafana: the app reaches the exporter',
      ask: async () => {
        const path = '/api/plugin-proxy/pgvigil-database-app/api/v1/targets';
        const targets = await ask<{ up: boolean }[]>(path);
        insist(targets.length > 0 && targets.every(({ up }) => up), JSON.stringify(targets));
        return `${targets.length} target(s) up`;
      },
    },
    {
      name: 'Grafana: its panels are loaded',
      ask: async () => {
        const found = (await ask<{ id: string }[]>('/api/plugins?type=panel')).map(({ id }) => id);
        const wanted = ['pgvigil-queries-panel', 'pgvigil-actions-panel', 'pgvigil-benchmarks-panel'];
        insist(
          wanted.every((id) => found.includes(id)),
          'allow_loading_unsigned_plugins does not name them',
        );
        return wanted.join(', ');
      },
    },
    {
      name: 'Grafana: boards',
      ask: async () => {
        const files = readdirSync(join(REPOSITORY, 'dashboards')).filter((name) => name.endsWith('.json'));
        const found = (await ask<{ uid: string }[]>('/api/search?type=dash-db&limit=500')).map(({ uid }) => uid);
        const missing = files.map((name) => name.replace('.json', '')).filter((uid) => !found.includes(uid));
        insist(missing.length === 0, `missing: ${missing.join(', ')}`);
        return `${files.length}`;
      },
    },
  ];
}
