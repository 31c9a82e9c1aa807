/** Each action as a login that has the grants which the action lists, and nothing else; and with each of them missing. */
import type { ParamValues } from '../../src/contract/index.ts';
import { openSession, type Session, until } from '../support/database.ts';
import { ADMIN, oidOf, type PostgresServer, refusalOf, type Rig, startRig } from './fixture.ts';

/** The login is `bare`; `bare_owner` owns the table and the view, but not their schema. */
const SETUP = `
  create role bare login noinherit; create role bare_owner nologin; create role guest login;
  create schema bare; grant usage, create on schema bare to bare_owner;
  set role bare_owner;
  create table bare.track (id int primary key, title text);
  insert into bare.track select n, 'title ' || n from generate_series(1, 1000) n;
  create index track_title on bare.track (title);
  create index track_left on bare.track (title, id);
  create materialized view bare.genre as select id % 10 as id, count(*) from bare.track group by 1;
  create unique index on bare.genre (id);
  reset role; revoke all on schema bare from bare_owner; revoke temporary on database postgres from public;
  update pg_index set indisvalid = false where indexrelid = 'bare.track_left'::regclass`;

interface Grant {
  /** As GET /actions lists it. */
  readonly listed: RegExp;
  /** Without `grant` and without `to`: of the login or of the owner. */
  readonly what: string;
  readonly to: 'bare' | 'bare_owner';
  /** What the preview says without it. */
  readonly missing: RegExp;
}

const OWNER: Grant = {
  listed: /owner granted to pgvigil_owners/,
  what: 'bare_owner',
  to: 'bare',
  missing: /^only its owner may do this to bare\.\w+, and bare may not become bare_owner$/,
};
const OWNER_USAGE: Grant = {
  listed: /USAGE on the schema for the (owner|view's owner)/,
  what: 'usage on schema bare',
  to: 'bare_owner',
  missing: /^the owner bare_owner has no USAGE on the schema$/,
};
const OWNER_CREATE: Grant = {
  listed: /CREATE on the schema for the owner/,
  what: 'create on schema bare',
  to: 'bare_owner',
  missing: /^the owner bare_owner may create nothing in the schema$/,
};
const MAINTAIN: Grant = {
  listed: /MAINTAIN on the table/,
  what: 'maintain on bare.track, bare.genre',
  to: 'bare',
  missing: /^bare has no MAINTAIN on bare\.\w+$/,
};
const USAGE: Grant = {
  listed: /USAGE on the schema for pgvigil_maintain/,
  what: 'usage on schema bare',
  to: 'bare',
  missing: /^bare may maintain bare\.\w+, but has no USAGE on its schema$/,
};
const OWNER_TEMPORARY: Grant = {
  listed: /TEMPORARY on the database for the view's owner/,
  what: 'temporary on database postgres',
  to: 'bare_owner',
  missing: /^the owner bare_owner may make no temporary tables in this database$/,
};
const SIGNAL: readonly Grant[] = [
  { listed: /pg_signal_backend/, what: 'pg_signal_backend', to: 'bare', missing: /permission denied|must be a member/ },
  { listed: /pg_read_all_stats/, what: 'pg_read_all_stats', to: 'bare', missing: /may not see when session/ },
];

const give = ({ what, to }: Grant): string => `grant ${what} to ${to};`;
const take = ({ what, to }: Grant): string => `revoke ${what} from ${to};`;

export function testGrants(major: number, getServer: () => PostgresServer): void {
  const maintain = major < 17 ? [OWNER, OWNER_USAGE] : [MAINTAIN, USAGE];
  const own = [OWNER, OWNER_USAGE];
  let server: PostgresServer;
  let rig: Rig;
  let given: readonly Grant[] = [];

  /** The login has these, and no others. */
  const giveOnly = async (grants: readonly Grant[]): Promise<void> => {
    await server.query([...given.map(take), ...grants.map(give)].join(' '));
    given = grants;
  };
  const listedBy = async (action: string): Promise<string> =>
    (await rig.jobs.actions('bare')).find(({ id }) => id === action)!.grants.join('; ');

  beforeAll(async () => {
    server = getServer();
    await server.query(SETUP);
    rig = await startRig(server, { state: server, target: 'bare', maintenance: 'bare' });
    await until('the version is known', async () => !(await listedBy('vacuum')).includes('PostgreSQL'));
  });
  afterAll(() => rig?.close());

  const table = async (): Promise<ParamValues> => ({ table: await oidOf(server, 'bare.track') });
  const index = (name: string) => async (): Promise<ParamValues> => ({ index: await oidOf(server, name) });

  it.each<[string, readonly Grant[], () => Promise<ParamValues>]>([
    ['analyze', maintain, table],
    ['vacuum', maintain, table],
    ['vacuum_freeze', maintain, table],
    ['reindex', maintain, index('bare.track_title')],
    [
      'refresh_matview',
      [...new Set([...maintain, OWNER_USAGE, OWNER_TEMPORARY])],
      async () => ({ view: await oidOf(server, 'bare.genre') }),
    ],
    [
      'create_index',
      [...own, OWNER_CREATE],
      async () => ({ ...(await table()), columns: [{ name: 'title', order: 'desc' }] }),
    ],
    ['drop_index', own, index('bare.track_title')],
    ['drop_leftover', own, index('bare.track_left')],
  ])('%s: with its grants alone, and not without one of them', async (action, grants, params) => {
    const listed = await listedBy(action);
    for (const one of grants) {
      expect(listed).toMatch(one.listed);
      await giveOnly(grants.filter((other) => other !== one));
      const plan = await rig.plan(action, await params());
      expect(plan.runnable).toBe(false);
      expect(plan.preconditions.find(({ state }) => state === 'missing')!.message).toMatch(one.missing);
      await expect(rig.jobs.run(action, plan.id, ADMIN)).rejects.toMatchObject({ code: 'conflict' });
    }
    await giveOnly(grants);
    expect(await rig.complete(action, await params())).toMatchObject({ state: 'done', message: '' });
  });

  describe('cancel and terminate', () => {
    let session: Session;
    let ended: Promise<string>;
    // The rights of predefined roles are inherited, those of owners are not: until 16 a login has one or the other.
    beforeAll(() => giveOnly([]).then(() => server.query('alter role bare inherit')));
    beforeEach(async () => {
      session = await openSession(server.url('postgres', 'guest'));
      ended = session.query('select pg_sleep(600)').then(
        () => 'slept',
        (error: Error) => error.message,
      );
    });
    afterEach(() => session.end());

    it.each([
      ['cancel', /canceling statement due to user request/],
      ['terminate', /terminat/],
    ] as const)('%s: with its grants alone, and not without one of them', async (action, said) => {
      const active = (): Promise<{ start: string }[]> =>
        server.query<{ start: string }>(
          `select to_char(backend_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as start
             from pg_stat_activity where pid = ${session.pid} and state = 'active'`,
        );
      await until('it sleeps', async () => (await active()).length === 1);
      const [{ start }] = await active();
      const act = () =>
        rig.jobs.session(action, { params: { session: { pid: session.pid, backendStart: start } } }, ADMIN);
      const listed = await listedBy(action);
      for (const one of SIGNAL) {
        expect(listed).toMatch(one.listed);
        await giveOnly(SIGNAL.filter((other) => other !== one));
        const refusal = await refusalOf(act());
        expect(refusal.message).toMatch(one.missing);
        expect(refusal.hint).toContain(one.what);
        expect(await active()).toHaveLength(1);
      }
      await giveOnly(SIGNAL);
      expect(await act()).toMatchObject({ done: true });
      expect(await ended).toMatch(said);
    });
  });
}
