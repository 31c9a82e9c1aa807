/** `pgvigil partitions` while somebody reads: whom it waits for, how long others wait for it, and that no row is lost. */
import { POSTGRES_MAJORS, type PostgresServer, startPgBouncer, startPostgres } from '../../demo/servers/index.ts';
import { addPartitionsCommands } from '../src/cli/partitions.ts';
import { runCli } from '../src/cli/main.ts';
import { databaseWithPartitions, type Db, TRIPS } from './sql/partitions_fixture.ts';
import { holdLock, openSession, type Session, until } from './support/database.ts';

interface Said {
  out: string;
  err: string;
}

/** Starts the command in this process; `said` grows while it runs. */
function start(url: string, ...argv: string[]): { said: Said; status: Promise<number> } {
  const said = { out: '', err: '' };
  const status = runCli({
    argv: ['partitions', ...argv, '--db', url],
    env: {},
    version: '0.0.0',
    commands: { serve: () => Promise.resolve(), check: () => Promise.resolve() },
    groups: [addPartitionsCommands],
    out: (text) => (said.out += text),
    err: (text) => (said.err += text),
  });
  return { said, status };
}

/** 100 rows a month from a year ago on; `log` has a default partition, `event` has none. Four months have expired. */
const LOGS = `
  create table log (id bigint, day date not null) partition by range (day);
  create table event (id bigint, day date not null) partition by range (day);
  create table log_default partition of log default;
  do $$
  declare
    month date;
  begin
    for n in -12 .. 0 loop
      month := date_trunc('month', now() at time zone 'UTC') + n * interval '1 month';
      execute format('create table log_m%s partition of log for values from (%L) to (%L)', -n, month, month + interval '1 month');
      execute format('create table event_m%s partition of event for values from (%L) to (%L)', -n, month, month + interval '1 month');
      execute format('insert into log select n, %L::date + n %% 28 from generate_series(1, 100) n', month);
    end loop;
    insert into event select * from log;
  end
  $$;
  analyze;
  insert into pgvigil.partition_policy (parent, step, premake, retention)
    values ('log', 'month', 0, '8 months'), ('event', 'month', 0, '8 months')`;

/** References events of the expired months. */
const VISITS = `
      alter table event add primary key (id, day);
      create table visit (id bigint, day date, constraint visit_event foreign key (id, day) references event) partition by range (day);
      do $$ declare p record; begin
        for p in select * from pgvigil.partition_ranges('event') where lower(covers) < now() - interval '9 months' loop
          execute format('create table %s partition of visit for values from (%L) to (%L)',
                         replace(p.partition::text, 'event', 'visit'), lower(p.covers)::date, upper(p.covers)::date);
        end loop;
      end $$;
      insert into visit select * from event where day < (select max(day) from event_m10) limit 250;
      insert into pgvigil.partition_policy values ('visit', 'month', 'UTC', 0, '8 months')`;

const ROWS = 1300;
const EXPIRED = [9, 10, 11, 12];

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;
  let db: Db;
  let databases = 0;
  const sessions: Session[] = [];

  const run = (...argv: string[]): { said: Said; status: Promise<number> } => start(server.url(db.name), ...argv);
  const done = async (...argv: string[]): Promise<Said & { status: number }> => {
    const { said, status } = run(...argv);
    return { status: await status, ...said };
  };
  const partitions = (table: string): Promise<string[]> =>
    db.value(`select array_agg(inhrelid::regclass::text || case when inhdetachpending then ' pending' else '' end order by inhrelid)
                from pg_inherits where inhparent = '${table}'::regclass`);
  /** Rows of the table and of all that was to be detached from it: one too many would be seen as well as one too few. */
  const rows = (table: string): Promise<number> => {
    const tables = [table, ...EXPIRED.map((month) => `${table}_m${month}`)];
    return db.value(
      `select case when count(*) = count(distinct (id, day)) then count(*)::int end from (${tables.map((name) => `select id, day from ${name}`).join(' union all ')}) t`,
    );
  };
  const reader = async (table: string): Promise<Session> => {
    const session = await holdLock(server, `select count(*) from ${table}`, db.name);
    sessions.push(session);
    return session;
  };
  const waitingSession = async (): Promise<number | undefined> => {
    const [row] = await db.query<{ pid: number }>(
      "select pid from pg_stat_activity where application_name = 'pgvigil partitions' and wait_event_type = 'Lock'",
    );
    return row?.pid;
  };

  beforeAll(async () => {
    server = await startPostgres({ major });
  });
  beforeEach(async () => {
    db = await databaseWithPartitions(server, `test${++databases}`);
    await db.query(LOGS);
  });
  afterEach(async () => {
    for (const session of sessions.splice(0)) await session.end();
  });
  afterAll(() => server?.stop());

  it('detaches what has expired, and only that', async () => {
    const dry = await done('detach', '--dry-run');
    expect(dry.status).toBe(0);
    expect(dry.out).toMatch(/^public\.log: .*default partition \(public\.log_default\)/m);
    for (const month of EXPIRED) {
      expect(dry.out).toContain(`alter table public.log detach partition public.log_m${month};\n`);
      expect(dry.out).toContain(`alter table public.event detach partition public.event_m${month} concurrently;\n`);
    }
    expect(await partitions('log')).toHaveLength(14);
    const { status, out, err } = await done('detach');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    for (const month of EXPIRED) expect(out).toContain(`drop table public.log_m${month};  -- about 100 rows, `);
    const left = Array.from({ length: 9 }, (_, i) => `m${8 - i}`);
    expect(await partitions('log')).toEqual(['log_default', ...left.map((month) => `log_${month}`)]);
    expect(await partitions('event')).toEqual(left.map((month) => `event_${month}`));
    expect(await rows('log')).toBe(ROWS);
    expect(await rows('event')).toBe(ROWS);
    expect((await done('detach')).out).toBe('No partition has expired.\n');
    const older = await done('detach', '--parent', 'public.event', '--older-than', '7 months');
    expect(older.out).toContain('public.event_m8: detached');
    expect(await partitions('log')).toHaveLength(10);
  });

  it('with a default partition waits a little at a time, so that other readers get through, and succeeds when it can', async () => {
    const first = await reader('log');
    const { said, status } = run('detach', '--parent', 'public.log', '--lock-timeout', '0.3', '--attempts', '1000');
    await until('the detach waits', async () => (await waitingSession()) !== undefined);
    // It may have to queue behind the detach, but not for as long as the first reader stays.
    const second = await openSession(server.url(db.name));
    sessions.push(second);
    for (let n = 0; n < 5; n++) expect(await second.query('select count(*)::int from log')).toEqual([{ count: ROWS }]);
    await until('a second attempt', () => said.out.includes('attempt 2 of 1000'));
    expect(said.out).toMatch(
      new RegExp(`public.log_m12: attempt 1 of 1000: no lock within 0.3 s, blocked by .*pid ${first.pid} \\(test, `),
    );
    expect(said.out).toContain('idle in transaction for');
    expect(await partitions('log')).toHaveLength(14);
    await first.query('commit');
    expect(await status).toBe(0);
    expect(await partitions('log')).toHaveLength(10);
    expect(await rows('log')).toBe(ROWS);
  });

  it('gives up after the attempts that were asked for, with nothing changed', async () => {
    await reader('log');
    const { status, out } = await done('detach', '--parent', 'public.log', '--lock-timeout', '0.05', '--attempts', '2');
    expect(status).toBe(1);
    expect(out).toContain('Not done:\n  public.log_m12: no lock: nothing was changed\n');
    expect(await partitions('log')).toHaveLength(14);
  });

  it('without a default partition detaches while a reader stays, and the next run finishes it', async () => {
    const first = await reader('event');
    const { status, out } = await done(
      'detach',
      '--parent',
      'public.event',
      '--lock-timeout',
      '0.2',
      '--attempts',
      '2',
    );
    expect(status).toBe(1);
    expect(out).toMatch(
      new RegExp(`public.event_m12: attempt 2 of 2: no lock within 0.2 s, blocked by pid ${first.pid} `),
    );
    expect(out).toContain('public.event_m12: no lock: the detach is pending: queries no longer see its rows');
    expect(await partitions('event')).toContain('event_m12 pending');
    // Nobody else had to wait, and nobody sees the rows twice.
    expect(await db.value('select count(*)::int from event')).toBe(ROWS - 100);
    expect(await first.query('select count(*)::int from event')).not.toEqual([]);
    expect((await done('status')).out).toContain('TO DO       a detach was interrupted');
    await first.query('commit');
    const again = await done('detach', '--parent', 'public.event');
    expect(again.status).toBe(0);
    expect(again.out).toContain('public.event: an earlier DETACH CONCURRENTLY was interrupted and has to be finalised');
    expect(await partitions('event')).toHaveLength(9);
    expect(await rows('event')).toBe(ROWS);
  });

  it.each(['pg_terminate_backend', 'pg_cancel_backend'])('finishes what %s interrupted', async (kill) => {
    const first = await reader('event');
    const { said, status } = run('detach', '--parent', 'public.event', '--lock-timeout', '60');
    await until('the first half', async () => (await partitions('event')).includes('event_m12 pending'));
    await until('it waits', async () => (await waitingSession()) !== undefined);
    await db.query(`select ${kill}(${await waitingSession()})`);
    expect(await status).toBe(1);
    expect(said.out + said.err).toMatch(/terminating connection|canceling statement due to user request/);
    expect(await partitions('event')).toContain('event_m12 pending');
    await first.query('rollback');
    expect((await done('detach')).status).toBe(0);
    expect(await partitions('event')).toHaveLength(9);
    expect(await rows('event')).toBe(ROWS);
  });

  it('on Ctrl-C cancels what is running, says in which state that leaves things, and leaves no session', async () => {
    await reader('log');
    const { said, status } = run('detach', '--lock-timeout', '600', '--parent', 'public.log');
    await until('the detach waits', async () => (await waitingSession()) !== undefined);
    process.emit('SIGINT');
    expect(await status).toBe(1);
    expect(said.out).toContain('public.log_m12: interrupted: nothing was changed\n  public.log_m11: not begun');
    expect(await partitions('log')).toHaveLength(14);
    await until(
      'no session is left',
      async () =>
        (await db.value("select count(*)::int from pg_stat_activity where application_name like 'pgvigil%'")) === 0,
    );
  });

  it('creates, naming who is in the way; another run is told to wait', async () => {
    await db.query(TRIPS);
    const first = await reader('app.trip');
    const { said, status } = run('create', '--lock-timeout', '0.2', '--attempts', '1000');
    await until('a second attempt', () => said.out.includes('app.trip: attempt 2 of 1000'));
    expect(said.out).toMatch(new RegExp(`blocked by .*pid ${first.pid} \\(test, `));
    const other = await done('detach');
    expect(other.status).toBe(1);
    expect(other.err).toContain('another run of pgvigil partitions is at work in this database: pid ');
    const report = await done('status');
    expect(report.status).toBe(1);
    expect(report.out).toContain('rows of the default partition stand in the way');
    await first.query('commit');
    expect(await status).toBe(0);
    expect(said.out).toContain('created, rows moved, foreign keys validated again (6)');
    expect((await done('create')).out).toBe('All partitions that the policies ask for are there.\n');
    await db.query("delete from pgvigil.partition_policy where parent <> 'app.trip'::regclass");
    expect((await done('status')).status).toBe(0);
  });

  it('detaches referencing tables first, and says which key is in the way', async () => {
    await db.query(VISITS);
    const first = await done('detach');
    expect(first.out.indexOf('public.visit_m12: detached')).toBeLessThan(
      first.out.indexOf('public.event_m9: detached'),
    );
    // From 15 on a detached table keeps its foreign keys.
    expect(first.status).toBe(major === 14 ? 0 : 1);
    if (first.status === 1) {
      expect(first.out).toMatch(
        /public\.event_m1\d: removing .*\n +rows of public\.visit_m1\d still point at it by foreign key/,
      );
      const keys = first.out.match(/alter table public.visit_m\d+ drop constraint visit_event;/g);
      await db.query(keys!.join(''));
    }
    expect((await done('detach')).status).toBe(0);
    expect(await partitions('event')).toHaveLength(9);
    expect(await rows('event')).toBe(ROWS);
  });

  it('with --release-keys lets go of what is referenced in the same run, and loses no other key', async () => {
    await db.query(VISITS);
    await db.query('create table note (id int primary key); alter table visit add column note int references note');
    expect(await done('detach', '--release-keys')).toMatchObject({ status: 0 });
    expect(await partitions('event')).toHaveLength(9);
    expect(await rows('event')).toBe(ROWS);
    const left = await db.value(
      "select array_agg(distinct confrelid::regclass::text) from pg_constraint where contype = 'f' and conrelid::regclass::text ~ '^visit_m1'",
    );
    expect(left).toEqual(['note']);
  });
});

describe('refused', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());

  it('without the functions', async () => {
    const { said, status } = start(server.url(), 'status');
    expect(await status).toBe(1);
    expect(said.err).toContain('pgvigil sql install');
  });

  it('behind PgBouncer', async () => {
    const db = await databaseWithPartitions(server, 'behind');
    const bouncer = await startPgBouncer({
      version: 'any',
      databases: { '*': `host=127.0.0.1 port=${server.port}` },
      settings: { pool_mode: 'transaction' },
    });
    try {
      for (const command of ['create', 'detach']) {
        const { said, status } = start(bouncer.url(db.name), command);
        expect(await status).toBe(1);
        expect(said.err).toContain('goes through a pooler');
        expect(said.err).toContain('Cure: connect to PostgreSQL itself');
      }
    } finally {
      await bouncer.stop();
    }
  });

  it.each([
    [['detach', '--older-than', 'soon'], '--older-than: soon is no positive interval'],
    [['detach', '--older-than', '-1 day'], '--older-than: -1 day is no positive interval'],
    [['create', '--parent', 'nowhere'], '--parent: nowhere is no table'],
    [['create', '--attempts', '0'], 'whole number'],
    [['create', '--lock-timeout', '0'], 'number of seconds'],
  ])('%j', async (argv, message) => {
    const { said, status } = start(server.url('behind'), ...argv);
    expect(await status).toBe(2);
    expect(said.err).toContain(message);
  });
});
