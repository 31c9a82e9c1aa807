/** provisioning/alertmanager as it is shipped, and with everything switched on, in amtool and in a real Alertmanager. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { type AlertmanagerServer, run, ServerUnavailable, startAlertmanager, tool } from '../servers/index.ts';
import type { Command } from '../servers/process.ts';

const FOLDER = resolve(import.meta.dirname, '../../provisioning/alertmanager');
const shipped = readFileSync(join(FOLDER, 'alertmanager.yml'), 'utf8').replace(
  '/etc/alertmanager/templates',
  join(FOLDER, 'templates'),
);
/** With the comment marks taken off everything that is there to be switched on. */
const switchedOn = shipped.replaceAll(
  /^( *)# ((?:smtp_|mute_time_intervals|\w+_configs:| {2}- \w+:| {4}\w+:).*)$/gm,
  '$1$2',
);

let amtool: Command | undefined;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pgvigil-alertmanager-'));
  try {
    amtool = await tool('amtool');
  } catch (error) {
    if (!(error instanceof ServerUnavailable)) throw error;
    process.stderr.write(`skipped: ${error.message}\n`);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (content: string): string => {
  const path = join(folder, 'alertmanager.yml');
  writeFileSync(path, content);
  return path;
};

test('amtool takes it, as it is and with everything switched on', async () => {
  if (!amtool) return;
  for (const section of ['smtp_smarthost:', 'pagerduty_configs:', 'slack_configs:', 'email_configs:'])
    expect(switchedOn).toMatch(new RegExp(`^ *${section}`, 'm'));
  for (const content of [shipped, switchedOn]) {
    const { code, stdout, stderr } = await run(amtool, ['check-config', file(content)]);
    expect({ code, said: stdout + stderr }).toEqual({
      code: 0,
      said: expect.stringContaining('4 receivers') as string,
    });
  }
  const { code } = await run(amtool, ['check-config', file(switchedOn.replace('routing_key_file', 'routing_keyfile'))]);
  expect(code).not.toBe(0);
});

test.each([
  ['page', 'alertname=PostgresDown severity=critical'],
  ['ticket', 'alertname=PostgresDeadRowsHigh severity=warning'],
  ['log', 'alertname=PostgresRestarted severity=info'],
  ['watchdog', 'alertname=Watchdog severity=none'],
  ['ticket', 'alertname=SomebodyElses'],
])('%s hears of %s', async (receiver, labels) => {
  if (!amtool) return;
  const options = [`--config.file=${file(shipped)}`, `--verify.receivers=${receiver}`];
  const { code, stdout, stderr } = await run(amtool, ['config', 'routes', 'test', ...options, ...labels.split(' ')]);
  expect({ code, said: stdout + stderr }).toMatchObject({ code: 0 });
});

type Labels = Readonly<Record<string, string>>;
const server: Labels = { job: 'pgvigil', cluster: 'one', instance: 'a:9187', target: 'shop' };
const elsewhere: Labels = { ...server, instance: 'b:9187' };
const named = (alertname: string, severity: string, on: Labels = server, more: Labels = {}): Labels => ({
  ...on,
  ...more,
  ...{ alertname, severity },
});

interface Scene {
  readonly name: string;
  readonly heard: readonly Labels[];
  readonly muted: readonly Labels[];
}

const SCENES: readonly Scene[] = [
  {
    // What mutes in any other scene, mutes there alone.
    name: 'another cluster',
    heard: [
      named('PostgresConnectionsHigh', 'warning'),
      named('PostgresReplicationLagHigh', 'warning'),
      named('PostgresWalReceiverDown', 'critical'),
      named('PgBouncerClientsWaiting', 'warning', server, { database: 'x', user: 'y' }),
      named('PgBouncerNoServer', 'critical'),
      named('IngestionStalled', 'critical'),
    ],
    muted: [],
  },
  {
    name: 'twice as bad',
    heard: [
      named('PostgresConnectionsHigh', 'critical'),
      named('PostgresConnectionsHigh', 'warning', elsewhere),
      named('PostgresXidWraparound', 'critical', server, { datname: 'x' }),
      named('PostgresXidWraparound', 'warning', server, { datname: 'y' }),
    ],
    muted: [
      named('PostgresConnectionsHigh', 'warning'),
      named('PostgresXidWraparound', 'warning', server, { datname: 'x' }),
    ],
  },
  {
    name: 'exporter down',
    heard: [
      // Its own series have no target.
      { ...named('PgvigilExporterDown', 'critical'), target: '' },
      named('PostgresSessionsBlocked', 'warning', elsewhere),
      named('Watchdog', 'none', {}),
    ],
    muted: [named('IngestionStalled', 'critical'), named('PgBouncerPaused', 'critical')],
  },
  {
    name: 'PostgreSQL down',
    heard: [
      named('PostgresDown', 'critical'),
      named('PgBouncerDown', 'critical'),
      named('PostgresSessionsBlocked', 'warning', { ...server, target: 'other' }),
    ],
    muted: [named('PostgresSessionsBlocked', 'warning'), named('PgBouncerNoServer', 'critical')],
  },
  {
    name: 'no primary',
    heard: [
      { alertname: 'PostgresNoPrimary', severity: 'critical', job: 'pgvigil', system_identifier: '1' },
      named('PostgresConnectionsHigh', 'warning', elsewhere),
    ],
    muted: [
      named('PostgresReplicationLagHigh', 'critical', elsewhere),
      named('PostgresWalReceiverDown', 'critical', elsewhere),
    ],
  },
  {
    name: 'PgBouncer down',
    heard: [
      named('PgBouncerDown', 'critical'),
      named('PostgresSessionsBlocked', 'warning'),
      named('PgvigilCollectorFailing', 'warning', server, { collector: 'stat_user_tables' }),
    ],
    muted: [
      named('PgBouncerClientsWaiting', 'critical', server, { database: 'x', user: 'y' }),
      named('PgvigilCollectorFailing', 'warning', server, { collector: 'pgbouncer_pools' }),
    ],
  },
  {
    name: 'PgBouncer paused',
    heard: [named('PgBouncerPaused', 'critical', server, { name: 'x' }), named('PgBouncerClientsHigh', 'warning')],
    muted: [named('PgBouncerClientsWaiting', 'critical', server, { database: 'x', user: 'y' })],
  },
];

/** Each scene in a cluster of its own, so that all are there at once and none concerns another. */
const inCluster = (labels: Labels, cluster: string): Labels =>
  Object.fromEntries(Object.entries({ ...labels, cluster }).filter(([, value]) => value !== ''));

interface Sent {
  readonly path: string;
  readonly body: string;
}

/** Takes what Alertmanager sends. */
async function sink(): Promise<{ url: string; sent: Sent[]; close(): void }> {
  const sent: Sent[] = [];
  const listener = http.createServer((request, response) => {
    void text(request).then((body) => {
      sent.push({ path: request.url!, body });
      response.end('ok');
    });
  });
  await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  return { url, sent, close: () => listener.close() };
}

describe('a real Alertmanager', () => {
  let receivers: Awaited<ReturnType<typeof sink>>;
  let alertmanager: AlertmanagerServer | undefined;

  beforeAll(async () => {
    if (!amtool) return;
    receivers = await sink();
    writeFileSync(join(folder, 'alert_webhook_token'), 'token');
    writeFileSync(join(folder, 'slack_webhook_url'), `${receivers.url}/slack`);
    writeFileSync(join(folder, 'pagerduty_routing_key'), 'key');
    const config = switchedOn
      .replaceAll('/run/secrets', folder)
      .replaceAll('http://webhook:9095', receivers.url)
      // Nothing leaves this machine, and nobody listens for mail on it.
      .replace('global:', `global:\n  pagerduty_url: ${receivers.url}/pagerduty`)
      .replace('smtp.example.com:587', '127.0.0.1:1')
      // Only mail has it: shown where it can be seen.
      .replace('title_link:', 'footer: \'{{ template "pgvigil.html" . }}\'\n        title_link:')
      .replaceAll(/group_wait: \w+/g, 'group_wait: 0s');
    alertmanager = await startAlertmanager(config);
  });
  afterAll(async () => {
    await alertmanager?.stop();
    receivers?.close();
  });

  const post = async (alerts: readonly { labels: Labels; annotations?: Labels }[]): Promise<void> => {
    const response = await fetch(`${alertmanager!.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alerts),
    });
    expect(response.status).toBe(200);
  };

  test('mutes what follows from something else, and nothing more', async () => {
    if (!alertmanager) return;
    const all = SCENES.flatMap(({ name, heard, muted }) =>
      [...heard, ...muted].map((labels) => ({ labels: inCluster(labels, name) })),
    );
    await post(all);
    interface Alert {
      readonly labels: Labels;
      readonly status: { readonly inhibitedBy: readonly string[] };
    }
    const show = (labels: Labels): string => JSON.stringify(Object.entries(labels).sort());
    const wanted = SCENES.flatMap(({ name, muted }) => muted.map((labels) => show(inCluster(labels, name)))).sort();
    const look = async (): Promise<{ alerts: number; muted: string[] }> => {
      const found = (await (await fetch(`${alertmanager!.url}/api/v2/alerts`)).json()) as Alert[];
      const muted = found.filter(({ status }) => status.inhibitedBy.length > 0).map(({ labels }) => show(labels));
      return { alerts: found.length, muted: muted.sort() };
    };
    // What mutes takes a moment after what is there.
    let seen = await look();
    for (let tries = 0; tries < 300; tries++) {
      if (seen.alerts === all.length && seen.muted.join() === wanted.join()) break;
      await sleep(100);
      seen = await look();
    }
    expect(seen).toEqual({ alerts: all.length, muted: wanted });
  });

  test('tells people what, where, and where to go on', async () => {
    if (!alertmanager) return;
    const annotations = {
      summary: 'Dead rows pile up.',
      description: '40 % of the rows of musicdb.tracks are dead.',
      runbook_url: 'http://grafana/a/runbooks/PostgresDeadRowsHigh',
      dashboard_url: 'http://grafana/d/pgvigil-tables?viewPanel=4',
      app_url: 'http://grafana/a/maintenance?object=musicdb.tracks',
    };
    const labels = named('PostgresDeadRowsHigh', 'warning', { ...server, cluster: 'told' });
    await post([{ labels, annotations }]);
    const sentTo = (path: string): Sent | undefined =>
      receivers.sent.find((one) => one.path === path && one.body.includes('musicdb.tracks'));
    while (!sentTo('/slack') || !sentTo('/ticket')) await sleep(50);
    const { attachments } = JSON.parse(sentTo('/slack')!.body) as { attachments: Record<string, string>[] };
    expect(attachments[0]).toMatchObject({
      title: 'WARNING PostgresDeadRowsHigh in told on a:9187 (shop)',
      title_link: annotations.runbook_url,
    });
    expect(attachments[0].text.trim()).toBe(
      `${annotations.summary}\n\n${annotations.description}\nRunbook:   ${annotations.runbook_url}\n` +
        `Dashboard: ${annotations.dashboard_url}\nCure:      ${annotations.app_url}`,
    );
    expect(attachments[0].footer).toContain(`<a href="${annotations.app_url}">Cure</a>`);
    const { receiver, alerts } = JSON.parse(sentTo('/ticket')!.body) as { receiver: string; alerts: unknown[] };
    expect({ receiver, alerts: alerts.length }).toEqual({ receiver: 'ticket', alerts: 1 });
  });
});
