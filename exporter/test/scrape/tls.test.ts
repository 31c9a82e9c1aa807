/** sslmode=verify-full against both servers: the right certificate passes, every wrong one is refused by its name. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type PgBouncerServer,
  type PostgresServer,
  ServerUnavailable,
  startPgBouncer,
  startPostgres,
} from '../../../demo/servers/index.ts';
import { type Authority, createAuthority, type Pem, YESTERDAY } from '../support/certificates.ts';
import { CREATE_MONITOR } from '../support/database.ts';
import { startExporter, type TestExporter } from '../support/exporter.ts';

const directory = mkdtempSync(join(tmpdir(), 'pgvigil-tls-'));
const caFile = join(directory, 'ca.crt');
const otherCaFile = join(directory, 'other-ca.crt');
let authority: Authority;
let certificates: { good: Pem; otherHost: Pem; expired: Pem };

beforeAll(async () => {
  authority = await createAuthority('pgvigil test CA');
  certificates = {
    good: await authority.issue({ dns: ['localhost'], ip: ['127.0.0.1'] }),
    otherHost: await authority.issue({ dns: ['elsewhere.example'] }),
    expired: await authority.issue({ dns: ['localhost'], ip: ['127.0.0.1'] }, YESTERDAY),
  };
  writeFileSync(caFile, authority.cert);
  writeFileSync(otherCaFile, (await createAuthority('another CA')).cert);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What each wrong certificate must be called in the log. */
const CASES = [
  { name: 'the wrong CA', certificate: 'good', ca: otherCaFile, says: /sslrootcert/ },
  { name: 'a certificate for another host', certificate: 'otherHost', ca: caFile, says: /for another host/ },
  { name: 'an expired certificate', certificate: 'expired', ca: caFile, says: /expired/ },
  { name: 'a missing CA file', certificate: 'good', ca: join(directory, 'absent.crt'), says: /cannot read .*absent/ },
] as const;

const query = (ca: string): string => `sslmode=verify-full&sslrootcert=${encodeURIComponent(ca)}`;

async function scraped(url: string, bouncer: boolean, check: (exporter: TestExporter) => Promise<void>): Promise<void> {
  const exporter = await startExporter(
    bouncer ? { args: [`--pgBouncer.connectionString=${url}`] } : { env: { DATA_SOURCE_NAME: url } },
  );
  try {
    await check(exporter);
  } finally {
    await exporter.stop();
  }
}

async function expectRefused(url: string, source: 'postgres' | 'pgbouncer', says: RegExp): Promise<void> {
  await scraped(url, source === 'pgbouncer', async (exporter) => {
    const { samples } = await exporter.scrape();
    expect(samples.value(source === 'postgres' ? 'pg_up' : 'pgbouncer_up')).toBe(0);
    expect(samples.value('pgvigil_target_problem', { source, reason: 'tls' })).toBe(1);
    const line = exporter
      .log()
      .split('\n')
      .find((text) => text.includes('reason=tls'));
    expect(line).toMatch(says);
  });
}

describe('PostgreSQL', () => {
  const servers = new Map<string, PostgresServer>();
  beforeAll(async () => {
    for (const [name, pem] of Object.entries(certificates)) {
      const server = await startPostgres({ tls: pem, hba: 'hostssl all all 127.0.0.1/32 trust' });
      await server.query(CREATE_MONITOR);
      servers.set(name, server);
    }
  });
  afterAll(() => Promise.all([...servers.values()].map((server) => server.stop())));

  it.each(['127.0.0.1', 'localhost'])(
    'passes the right certificate for %s, with an encrypted session',
    async (host) => {
      const url = servers.get('good')!.url('postgres', 'monitor').replace('127.0.0.1', host);
      await scraped(`${url}?${query(caFile)}`, false, async (exporter) => {
        const { samples } = await exporter.scrape();
        expect(samples.value('pg_up')).toBe(1);
        const [row] = await servers
          .get('good')!
          .query(
            "select bool_and(ssl) as ssl from pg_stat_ssl join pg_stat_activity using (pid) where usename = 'monitor'",
          );
        expect(row.ssl).toBe(true);
      });
    },
  );

  it.each(CASES)('refuses $name', async ({ certificate, ca, says }) => {
    const url = `${servers.get(certificate)!.url('postgres', 'monitor')}?${query(ca)}`;
    await expectRefused(url, 'postgres', says);
  });

  it('says so where the server offers no TLS', async () => {
    const plain = await startPostgres();
    try {
      await plain.query(CREATE_MONITOR);
      await expectRefused(`${plain.url('postgres', 'monitor')}?${query(caFile)}`, 'postgres', /does not offer TLS/);
    } finally {
      await plain.stop();
    }
  });

  it('cancels over TLS what is still running at the deadline', async () => {
    const exporter = await startExporter({
      config: `
functions:
  - name: endless
    sql: select pg_sleep(60)::text as slept, 1 as value
    columns: { value: { type: gauge, help: 'Never comes.' } }
`,
      env: { DATA_SOURCE_NAME: `${servers.get('good')!.url('postgres', 'monitor')}?${query(caFile)}` },
    });
    try {
      await exporter.scrape('/metrics', { timeoutSeconds: 1 });
      await new Promise((resolve) => setTimeout(resolve, 2000));
      const running = await servers
        .get('good')!
        .query("select query from pg_stat_activity where usename = 'monitor' and state = 'active'");
      expect(running).toEqual([]);
    } finally {
      await exporter.stop();
    }
  });
});

describe('PgBouncer', () => {
  const bouncers = new Map<string, PgBouncerServer>();
  beforeAll(async () => {
    try {
      for (const [name, tls] of Object.entries(certificates)) {
        bouncers.set(name, await startPgBouncer({ version: 'any', databases: {}, tls }));
      }
    } catch (error) {
      if (!(error instanceof ServerUnavailable)) throw error;
      process.stderr.write(`skipped: ${error.message}\n`);
    }
  });
  afterAll(() => Promise.all([...bouncers.values()].map((bouncer) => bouncer.stop())));

  it('passes the right certificate', async () => {
    const bouncer = bouncers.get('good');
    if (!bouncer) return;
    await scraped(`${bouncer.url()}?${query(caFile)}`, true, async (exporter) => {
      expect((await exporter.scrape()).samples.value('pgbouncer_up')).toBe(1);
    });
  });

  it.each(CASES)('refuses $name', async ({ certificate, ca, says }) => {
    const bouncer = bouncers.get(certificate);
    if (bouncer) await expectRefused(`${bouncer.url()}?${query(ca)}`, 'pgbouncer', says);
  });
});
