// The services of docker-compose.yml on this machine, without containers. Ctrl-C ends everything.
//
//   npm run stack                           start with sample data, load and a standby, run until Ctrl-C
//   npm run stack -- --check                start, ask every part, print what it answered, exit 0 or 1
//   npm run stack -- --profile replica      only this profile of docker-compose.yml; repeatable; `none` for none
//   npm run stack -- --speed 15             every duration of Prometheus, its rules and Alertmanager divided by 15
//   npm run stack -- --json FILE            also write names and URLs as soon as all is up
//   GRAFANA_HOME=FOLDER npm run stack       with the Grafana in that folder; without it, the app in its preview
import { renameSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ServerUnavailable } from '../servers/index.ts';
import { askAll, questions } from './check.ts';
import { type NativeStack, startNative } from './stack.ts';

const CHECK_WITHIN_MS = 240_000;

const LOOK: Readonly<Record<string, string>> = {
  grafana: 'the app and the boards; user admin',
  prometheus: 'metrics, rules, alerts',
  alertmanager: 'who is told what, silences',
  exporter: '/metrics, and the API of the app',
  webhook: 'the alerts that were sent, as JSON',
  pgbouncer: 'where applications connect, as below',
  postgres: 'where maintenance connects',
};

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean' },
      json: { type: 'string' },
      profile: { type: 'string', multiple: true },
      speed: { type: 'string' },
    },
  });
  const began = performance.now();
  const interruption = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
  const grafanaHome = process.env.GRAFANA_HOME || undefined;
  const stack = await startNative({
    profiles: values.profile ?? ['demo', 'replica'],
    usualPorts: true,
    speed: Number(values.speed ?? 1),
    grafanaHome,
    report: (line) => console.log(`  ${line}`),
  });
  try {
    console.log(`\nAll up in ${((performance.now() - began) / 1000).toFixed(1)} s.\n`);
    show(stack, grafanaHome !== undefined);
    if (values.json !== undefined) writeJson(values.json, stack);
    if (values.check) return await check(stack, grafanaHome !== undefined);
    console.log('\nCtrl-C stops everything and leaves nothing behind.');
    await interruption;
    console.log('\nStopping …');
    return 0;
  } finally {
    await stack.stop();
  }
}

function show(stack: NativeStack, hasGrafana: boolean): void {
  for (const [name, look] of Object.entries(LOOK)) {
    if (!stack.services.has(name)) continue;
    const isHttp = name !== 'pgbouncer' && name !== 'postgres';
    const where = isHttp ? stack.url(name) : `127.0.0.1:${stack.port(name)}`;
    const what = name === 'grafana' && !hasGrafana ? 'the app, run without Grafana' : look;
    console.log(`  ${name.padEnd(13)} ${where.padEnd(24)} ${what}`);
  }
  // What is printed is kept by terminals and by CI: where a password is, not what it is.
  const read = (name: string): string => `$(cat ${stack.secretFile(name)})`;
  if (hasGrafana) console.log(`\n  Grafana's admin has the password in ${stack.secretFile('grafana_admin_password')}`);
  const login = new URL(stack.dsn('musicdb_shop'));
  login.password = '';
  console.log(`\n  PGPASSWORD=${read('musicdb_shop_password')} psql '${login.href}'`);
}

/** Other programs wait for this file: it appears whole or not at all. */
function writeJson(file: string, stack: NativeStack): void {
  const services = [...stack.services.values()].map(({ name, pid }) => ({
    ...{ name, pid },
    url: stack.url(name),
    port: stack.port(name),
  }));
  writeFileSync(`${file}.part`, JSON.stringify({ services }, undefined, 2));
  renameSync(`${file}.part`, file);
}

async function check(stack: NativeStack, hasGrafana: boolean): Promise<number> {
  const answers = await askAll(questions(stack, hasGrafana), CHECK_WITHIN_MS);
  const width = Math.max(...answers.map(({ name }) => name.length));
  console.log();
  for (const { name, ok, words } of answers) console.log(`  ${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(width)}  ${words}`);
  return answers.every(({ ok }) => ok) ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof ServerUnavailable ? error.message : error);
    process.exit(1);
  },
);
