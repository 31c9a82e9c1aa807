/** How many values a sequence has left, up to its own end or that of the column it feeds. */
import { POSTGRES_MAJORS, type PostgresServer, startStandby } from '../../../demo/servers/index.ts';
import { holdLock, openSession, until } from '../support/database.ts';
import { startAdvised, watch } from './advisors.ts';

interface Headroom {
  readonly [column: string]: unknown;
  readonly sequencename: string;
  readonly values_left: string | null;
  readonly used_ratio: number | null;
  readonly limited_by: string;
  readonly reason: string | null;
}

const ask = async (server: PostgresServer): Promise<Record<string, Headroom>> =>
  Object.fromEntries(
    (await watch<Headroom>(server, 'select * from pgvigil.sequence_headroom()')).map((row) => [row.sequencename, row]),
  );

const SEQUENCES = `
  create sequence fresh as smallint;
  create sequence used as smallint; select setval('used', 32000);
  create sequence step maxvalue 10 increment 3; select nextval('step');
  create sequence over maxvalue 10; select setval('over', 10);
  create sequence down as smallint increment -1; select setval('down', -32000);
  create sequence down_from maxvalue 100 minvalue 1 start 100 increment -1; select setval('down_from', 26);
  create sequence around maxvalue 100 cycle; select setval('around', 90);
  create sequence whole minvalue -9223372036854775808;
  create domain small as int2;
  create table fed (a bigint generated always as identity, b int, c small, d int4 default 0);
  create sequence owned owned by fed.b; select setval('owned', 2147483000);
  create sequence defaulted; alter table fed alter c set default nextval('defaulted'); select setval('defaulted', 32760);
  create sequence two; alter table fed alter d set default nextval('two');
  create table "Other one" ("A a" int2 default nextval('two')); select setval('two', 3);
  create unlogged table fleeting (a int generated always as identity)`;

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startAdvised(major);
    await server.query(SEQUENCES);
  });
  afterAll(() => server?.stop());

  it('counts what is left, without any right on the sequences', async () => {
    const said = await ask(server);
    const left = Object.fromEntries(
      Object.values(said).map((row) => [row.sequencename, [row.values_left, row.limited_by]]),
    );
    expect(left).toMatchObject({
      fresh: ['32767', 'sequence'],
      used: ['767', 'sequence'],
      step: ['3', 'sequence'],
      over: ['0', 'sequence'],
      down: ['768', 'sequence'],
      down_from: ['25', 'sequence'],
      around: ['10', 'sequence'],
      whole: ['9223372036854775807', 'sequence'],
      owned: ['647', 'column'],
      defaulted: ['7', 'column'],
      two: ['32764', 'column'],
      fed_a_seq: ['9223372036854775807', 'sequence'],
    });
    expect(said.fresh).toMatchObject({ used_ratio: 0, last_value: null, columns: null, reason: null });
    expect(said.used.used_ratio).toBeCloseTo(32000 / 32767, 6);
    expect(said.step.used_ratio).toBeCloseTo(1 / 4, 6);
    expect(said.over.used_ratio).toBe(1);
    expect(said.down.used_ratio).toBeCloseTo(32000 / 32768, 6);
    expect(said.down_from.used_ratio).toBeCloseTo(0.75, 6);
    expect(said.around).toMatchObject({ cycles: true });
    expect(said.owned).toMatchObject({ columns: 'public.fed.b', limit_value: '2147483647' });
    expect(said.two).toMatchObject({ columns: 'public."Other one"."A a", public.fed.d', limit_value: '32767' });
    const session = await openSession(server.url('postgres', 'watcher'));
    await expect(session.query('select last_value from used')).rejects.toThrow('permission denied');
    await session.end();
  });

  it('counts what nextval() really gives', async () => {
    for (let n = 0; n < 3; n++) await server.query("select nextval('step')");
    expect((await ask(server)).step.values_left).toBe('0');
    await expect(server.query("select nextval('step')")).rejects.toThrow('reached maximum value');
  });

  it('does not wait for a lock', async () => {
    const holder = await holdLock(server, 'alter sequence used cache 5');
    try {
      const { used, over } = await ask(server);
      expect(used).toMatchObject({ values_left: null, used_ratio: null, last_value: null, reason: 'locked' });
      expect(over.values_left).toBe('0');
    } finally {
      await holder.end();
      // The server notices in its own time.
      await until('the lock is gone', async () => (await ask(server)).used.reason !== 'locked');
    }
  });

  it('says when whoever installed it may not read a sequence', async () => {
    await server.query(
      'create role humble; grant pgvigil_monitor to humble; alter function pgvigil.sequence_headroom() owner to humble',
    );
    try {
      expect((await ask(server)).used).toMatchObject({
        values_left: null,
        used_ratio: null,
        reason: 'humble may not read it: grant select',
      });
    } finally {
      await server.query('alter function pgvigil.sequence_headroom() owner to postgres');
    }
  });

  it('is for members only', async () => {
    await server.query('create role stranger login');
    const session = await openSession(server.url('postgres', 'stranger'));
    await expect(session.query('select * from pgvigil.sequence_headroom()')).rejects.toThrow('permission denied');
    await session.end();
  });
});

it('knows nothing of unlogged sequences on a standby, and the rest', async () => {
  const primary = await startAdvised(16);
  const standby = await startStandby(primary);
  try {
    await primary.query(SEQUENCES);
    await until(
      'all of it is there',
      async () => (await standby.query("select to_regclass('fleeting_a_seq') as s"))[0].s !== null,
    );
    const said = await ask(standby);
    expect(said.used.values_left).toBe('767');
    expect(said.fleeting_a_seq).toMatchObject({ values_left: null, reason: 'unlogged, so unknown on a standby' });
  } finally {
    await standby.stop();
    await primary.stop();
  }
});
