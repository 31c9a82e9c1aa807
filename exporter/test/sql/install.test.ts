/** `pgvigil sql` with the package's own files, on every major version. */
import { POSTGRES_MAJORS, type PostgresServer, startPostgres } from '../../../demo/servers/index.ts';
import { functionsBundle, SAMPLE_NAMES, sampleBundle } from '../../src/sql/bundles.ts';
import { freshDatabase, pgvigilSql, type Ran } from './installer.ts';

const ALL = [functionsBundle(), ...SAMPLE_NAMES.map((name) => sampleBundle(name))];
const SAMPLES = SAMPLE_NAMES.flatMap((name) => ['--sample', name]);

/** The bundles whose objects install by themselves: the samples may build on the functions. */
const objectsOf = async (server: PostgresServer, database: string): Promise<Record<string, unknown>[]> =>
  server.query(
    `select n.nspname, count(*)::int from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('pgvigil', 'musicdb', 'roadtrip') group by 1 order by 1`,
    database,
  );

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let database: string;
  const run = (...argv: string[]): Promise<Ran> => pgvigilSql(...argv, '--db', server.url(database));

  beforeAll(async () => {
    server = await startPostgres({ major });
    database = await freshDatabase(server);
  });
  afterAll(() => server?.stop());

  it('has nothing before', async () => {
    const { status, out } = await run('status');
    expect(status).toBe(1);
    expect(out).toMatch(/01_schema.sql\s+not installed\n/);
    expect(out).toContain('Samples that are not installed: musicdb, roadtrip');
  });

  it('installs everything, and says what is left to do', async () => {
    const { status, out, err } = await run('install', ...SAMPLES);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    for (const { files } of ALL)
      for (const { name } of files) expect(out).toMatch(new RegExp(`^${name} +installed$`, 'm'));
    expect(out).toMatch(
      /^pgvigil: \d+ objects verified\.\nmusicdb: \d+ objects verified\.\nroadtrip: \d+ objects verified\.$/m,
    );
    expect(out).toContain("grant pgvigil_monitor to <the exporter's login>;");
    expect(out).toContain(major < 17 ? 'to pgvigil_owners' : 'grant usage on schema');
    expect(await run('status')).toMatchObject({
      status: 0,
      out: expect.stringContaining('All is in place.') as string,
    });
  });

  it('installs once more on top of itself and changes nothing', async () => {
    const before = await objectsOf(server, database);
    const { status, out } = await run('install', ...SAMPLES);
    expect(status).toBe(0);
    for (const { files } of ALL)
      for (const { name } of files) expect(out).toMatch(new RegExp(`^${name} +unchanged, applied again$`, 'm'));
    expect(await objectsOf(server, database)).toEqual(before);
    expect((await run('status')).status).toBe(0);
  });

  it('says as JSON what is there', async () => {
    const { status, out } = await run('status', '--json');
    const parsed = JSON.parse(out) as {
      inPlace: boolean;
      server: object;
      bundles: { bundle: string; files: object[] }[];
    };
    expect({ status, inPlace: parsed.inPlace }).toEqual({ status: 0, inPlace: true });
    expect(parsed.server).toMatchObject({ major, database, user: 'postgres' });
    expect(parsed.bundles.map(({ bundle }) => bundle)).toEqual(['pgvigil', 'musicdb', 'roadtrip']);
    expect(parsed.bundles[0].files[0]).toMatchObject({
      file: '01_schema.sql',
      state: 'same',
      installed: { by: 'postgres' },
    });
  });

  it('no function of it may be called by PUBLIC, none that runs as its owner lets the caller choose what it finds', async () => {
    const rows = await server.query(
      `select p.oid::regprocedure::text as function
         from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname = 'pgvigil' and (
          has_function_privilege('public', p.oid, 'execute')
          or p.prosecdef and not exists (select from unnest(p.proconfig) c where c like 'search_path=%'))`,
      database,
    );
    expect(rows).toEqual([]);
  });

  it('is removed without a trace', async () => {
    await run('install', ...SAMPLES);
    expect(await run('uninstall', ...SAMPLES, '--yes')).toMatchObject({ status: 0, err: '' });
    expect(await run('uninstall', '--roles', '--yes')).toMatchObject({ status: 0, err: '' });
    expect(await objectsOf(server, database)).toEqual([]);
    expect(await server.query("select rolname from pg_roles where rolname like 'pgvigil%'")).toEqual([]);
    expect((await run('status')).status).toBe(1);
  });

  it('is installed by the owner of a database who is no superuser', async () => {
    await server.query('create role owner login createrole');
    if (major >= 16) await server.query('grant pg_monitor, pg_signal_backend to owner with admin option');
    if (major >= 17) await server.query('grant pg_maintain to owner with admin option');
    if (major >= 18) await server.query('grant pg_signal_autovacuum_worker to owner with admin option');
    const own = await freshDatabase(server, 'owner');
    const url = server.url(own, 'owner');
    expect(await pgvigilSql('install', ...SAMPLES, '--db', url)).toMatchObject({ status: 0, err: '' });
    expect((await pgvigilSql('status', '--db', url)).status).toBe(0);
    expect(await pgvigilSql('uninstall', ...SAMPLES, '--yes', '--db', url)).toMatchObject({ status: 0, err: '' });
    expect(await pgvigilSql('uninstall', '--roles', '--yes', '--db', url)).toMatchObject({ status: 0, err: '' });
  });
});
