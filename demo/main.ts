// The whole exporter beside real servers, on this machine, in one command. Ctrl-C ends everything.
//
//   npm run demo                      start, print where to look, run until Ctrl-C
//   npm run demo -- --check           start, ask every URL, print what answered, exit 0 or 1
//   npm run demo -- --json FILE       also write names, URLs and ports as soon as all is up
import { renameSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ServerUnavailable } from './servers/index.ts';
import { type Stack, startStack } from './stack.ts';

/** Short, so that there is something to see soon: usually it is a minute. */
const HISTORY_SECONDS = 10;

interface Part {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  /** What there is to see. */
  readonly look: string;
  /** Text that a healthy answer has; without it, the URL is not for HTTP. */
  readonly expect?: string;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, json: { type: 'string' } } });
  const began = performance.now();
  let stack: Stack | undefined;
  let interrupted: (() => void) | undefined;
  const interruption = new Promise<void>((resolve) => (interrupted = resolve));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted!());
  try {
    stack = await startStack({ load: true, historySeconds: HISTORY_SECONDS, usualPorts: true });
    const parts = partsOf(stack);
    const seconds = (performance.now() - began) / 1000;
    if (values.json !== undefined) writeJson(values.json, parts, seconds);
    if (values.check) return await check(parts, seconds);
    show(parts, seconds);
    await interruption;
    console.log('\nStopping …');
    return 0;
  } finally {
    await stack?.stop();
  }
}

function partsOf({ exporter, preview, postgres, bouncer }: Stack): Part[] {
  return [
    {
      name: 'App (preview)',
      url: `${preview.url}/`,
      port: preview.port,
      look: 'the Grafana app, run without Grafana: queries, activity, maintenance; choose a role at the top',
      expect: 'previewBoot',
    },
    {
      name: "The app's API",
      url: `${preview.url}/api/plugin-proxy/pgvigil-database-app/api/v1/targets`,
      port: preview.port,
      look: "what the app knows, through the imitation of Grafana's proxy",
      expect: '"up":true',
    },
    {
      name: 'Metrics',
      url: `${exporter.url}/metrics`,
      port: exporter.port,
      look: 'what Prometheus scrapes; look for pg_stat_statements_seconds_total and pgbouncer_pools_',
      expect: 'pg_up 1',
    },
    {
      name: 'Service discovery',
      url: `${exporter.url}/sd`,
      port: exporter.port,
      look: "the targets, for Prometheus' http_sd_configs",
      expect: '__param_target',
    },
    { name: 'Exporter', url: `${exporter.url}/`, port: exporter.port, look: 'its front page', expect: 'pgvigil' },
    {
      name: 'PostgreSQL 18',
      url: postgres.url('musicdb'),
      port: postgres.port,
      look: 'MusicDB, 20,000 tracks, under load, and the state database pgvigil: any SQL client',
    },
    {
      name: 'PgBouncer',
      url: bouncer.url('musicdb'),
      port: bouncer.port,
      look: 'the same through the pool; SHOW POOLS in database pgbouncer',
    },
  ];
}

function show(parts: readonly Part[], seconds: number): void {
  console.log(`\nAll up in ${seconds.toFixed(1)} s.\n`);
  const width = Math.max(...parts.map((part) => part.url.length));
  for (const { name, url, look } of parts) console.log(`  ${name.padEnd(18)} ${url.padEnd(width)}  ${look}`);
  console.log('\nCtrl-C stops everything and leaves nothing behind.');
}

/** Other programs wait for this file: it appears whole or not at all. */
function writeJson(file: string, parts: readonly Part[], seconds: number): void {
  const content = { seconds, parts: parts.map(({ name, url, port }) => ({ name, url, port })) };
  writeFileSync(`${file}.part`, JSON.stringify(content, undefined, 2));
  renameSync(`${file}.part`, file);
}

async function check(parts: readonly Part[], seconds: number): Promise<number> {
  let failed = 0;
  console.log(`\nAll up in ${seconds.toFixed(1)} s.\n`);
  for (const { name, url, expect } of parts) {
    const answer = expect === undefined ? { ok: true, words: 'asked through the exporter' } : await ask(url, expect);
    if (!answer.ok) failed++;
    console.log(`  ${answer.ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(18)} ${url}  ${answer.words}`);
  }
  return failed === 0 ? 0 : 1;
}

async function ask(url: string, expect: string): Promise<{ ok: boolean; words: string }> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    const text = await response.text();
    const bouncerIsUp = !url.endsWith('/metrics') || text.includes('pgbouncer_up 1');
    const ok = response.ok && text.includes(expect) && bouncerIsUp;
    const words = ok ? `${response.status}, ${text.length} bytes` : `${response.status}, without "${expect}"`;
    return { ok, words };
  } catch (error) {
    return { ok: false, words: (error as Error).message };
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof ServerUnavailable ? error.message : error);
    process.exit(1);
  },
);
