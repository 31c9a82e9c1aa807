/** Every family of pgbouncer_exporter's lists, live: same name, same type, same labels, or a reason in a table here. */
import {
  type PgBouncerServer,
  type PgBouncerVersion,
  type PostgresServer,
  startPgBouncer,
  startPostgres,
} from '../../demo/servers/index.ts';
import { ifAvailable } from './families/available.ts';
import { differences, type Excuse, judge, Live, readFacts } from './families/facts.ts';
import { openSession, type Session } from './support/database.ts';
import { startExporter, type TestExporter } from './support/exporter.ts';

const ALWAYS: readonly Excuse[] = [['pgbouncer_exporter_build_info', 'absent', 'another program']];

type List = readonly [file: string, version: PgBouncerVersion, excuses: readonly Excuse[]];
const LISTS: readonly List[] = [
  ['pgbouncer_exporter-0.10.2-debian13--pgbouncer1.18.tsv', 'debian12', ALWAYS],
  ['pgbouncer_exporter-0.12.0--pgbouncer1.18.tsv', 'debian12', ALWAYS],
  ['pgbouncer_exporter-0.12.0--pgbouncer1.24.tsv', 'newer', ALWAYS],
];

describe.each(['debian12', 'newer'] as const)('PgBouncer %s', (version) => {
  let postgres: PostgresServer;
  let bouncer: PgBouncerServer | undefined;
  let client: Session;
  let exporter: TestExporter;

  beforeAll(async () => {
    postgres = await startPostgres();
    const started = await ifAvailable(() =>
      startPgBouncer({
        version,
        databases: { shop: `host=127.0.0.1 port=${postgres.port} dbname=postgres` },
        settings: { max_user_connections: '50', max_client_conn: '77' },
      }),
    );
    if (started === undefined) return;
    bouncer = started;
    client = await openSession(bouncer.url('shop'));
    await client.query('select 1');
    exporter = await startExporter({ args: [`--pgBouncer.connectionString=${bouncer.url()}`] });
  });

  afterAll(async () => {
    await exporter?.stop();
    await client?.end();
    await bouncer?.stop();
    await postgres?.stop();
  });

  test.each(LISTS.filter((list) => list[1] === version))('%s', async (file, _, excuses) => {
    if (bouncer === undefined) return;
    const { samples } = await exporter.scrape();
    expect(samples.value('pgbouncer_up')).toBe(1);
    expect(judge(differences(readFacts(file), new Live([samples])), excuses)).toEqual({ new: [], stale: [] });
  });
});
