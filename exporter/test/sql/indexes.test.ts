/** Indexes that nobody scans: what they may be needed for, how long we have known, and that a drop can be undone. */
import { POSTGRES_MAJORS, type PostgresServer, startStandby } from '../../../demo/servers/index.ts';
import { holdLock, until } from '../support/database.ts';
import { installAdvisors, sendEach, startAdvised, watch } from './advisors.ts';

interface Finding {
  readonly [column: string]: unknown;
  readonly kind: string;
  readonly verdict: string;
  readonly indexrelname: string;
  readonly reason: string;
  readonly guards: string[];
  readonly do_statement: string;
  readonly undo_statement: string;
}

const findings = (server: PostgresServer, where = 'true', args = '0, 0', database = 'postgres'): Promise<Finding[]> =>
  watch<Finding>(
    server,
    `select * from pgvigil.check_index_usage(${args}) where schemaname <> 'pgvigil' and ${where}`,
    database,
  );

const verdicts = (rows: Finding[]): Record<string, string> =>
  Object.fromEntries(rows.map(({ indexrelname, verdict }) => [indexrelname, verdict]));

const GUARDS = `
  create table parent (id int primary key);
  create table t (id int, u int, w int not null, x int4range, f int references parent, g int references parent, c int, plain int,
                  part int, text text);
  alter table t add primary key (id), add constraint t_u unique (u), add constraint t_x exclude using gist (x with &&);
  create unique index t_w on t (w);
  alter table t replica identity using index t_w;
  create unique index t_unique on t (plain, w);
  create index t_f on t (f);
  create index t_g on t (g);
  create index t_g_too on t using hash (g);
  create index t_c on t (c);
  alter table t cluster on t_c;
  create index t_plain on t (plain desc);
  create index t_part on t (part) where part > 0;
  create index t_expr on t (lower(text));
  create extension pgstattuple;
  create table owned (a int);
  create index owned_a on owned (a);
  alter extension pgstattuple add table owned`;

describe.each(POSTGRES_MAJORS)('PostgreSQL %i', (major) => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startAdvised(major, { track_commit_timestamp: 'on' });
  });
  afterAll(() => server?.stop());

  it('keeps what is there for something else than scans, and names it', async () => {
    await server.query('create database guards');
    await installAdvisors(server, 'guards');
    await server.query(GUARDS, 'guards');
    const rows = await findings(server, "schemaname = 'public'", '0, 0', 'guards');
    expect(
      Object.fromEntries(rows.map(({ indexrelname, verdict, guards }) => [indexrelname, [verdict, ...guards]])),
    ).toEqual({
      parent_pkey: ['keep', 'primary key'],
      t_pkey: ['keep', 'primary key'],
      t_u: ['keep', 'unique constraint'],
      t_x: ['keep', 'exclusion constraint'],
      t_w: ['keep', 'unique', 'replica identity'],
      t_unique: ['keep', 'unique'],
      t_f: ['keep', 'foreign key'],
      // Two serve it: either can go, but they are not the same.
      t_g: ['safe to drop'],
      t_g_too: ['safe to drop'],
      t_c: ['keep', 'clustered'],
      owned_a: ['keep', 'extension'],
      t_plain: ['safe to drop'],
      t_part: ['safe to drop', 'partial'],
      t_expr: ['safe to drop', 'expression'],
    });
    expect(rows.find(({ indexrelname }) => indexrelname === 't_expr')!.reason).toContain('create statistics first');
    const kept = rows.filter(({ verdict }) => verdict === 'keep');
    expect(kept.filter(({ do_statement, undo_statement }) => do_statement ?? undo_statement)).toEqual([]);
    const without = await findings(server, 'true', '0, 0, false', 'guards');
    expect(without.length).toBe(rows.length - kept.length);
  });

  it('says nothing of what is scanned, and keeps what stands in for it', async () => {
    await server.query('create database used');
    await installAdvisors(server, 'used');
    await server.query(
      `create table t (a int, b int, c int); insert into t select g, g, g from generate_series(1, 10000) g;
       create index t_a on t (a); create index t_b on t (b); analyze t`,
      'used',
    );
    await server.query('set enable_seqscan = off; select from t where a = 5; select from t where b = 5', 'used');
    await until('the scans are counted', async () => {
      const [{ scans }] = await server.query<{ scans: number }>(
        "select sum(idx_scan)::int as scans from pg_stat_user_indexes where schemaname = 'public'",
        'used',
      );
      return scans === 2;
    });
    expect(await findings(server, 'true', '0, 0', 'used')).toEqual([]);
    // It makes t_b redundant, which was scanned; by itself it never was.
    await server.query('create index t_b_c on t (b, c)', 'used');
    const rows = await findings(server, 'true', '0, 0', 'used');
    expect(verdicts(rows)).toEqual({ t_b: 'safe to drop', t_b_c: 'keep' });
    expect(rows.find(({ indexrelname }) => indexrelname === 't_b_c')!.reason).toContain('stands in for');
  });

  it('sums up partitions to what can be dropped', async () => {
    await server.query('create database parts');
    await installAdvisors(server, 'parts');
    await server.query(
      `create table p (a int, b int, day date) partition by range (day);
       create table p_old partition of p for values from ('2024-01-01') to ('2025-01-01') partition by range (day);
       create table p_old_1 partition of p_old for values from ('2024-01-01') to ('2024-07-01');
       create table p_new partition of p for values from ('2025-01-01') to ('2026-01-01');
       insert into p select g, g, case when g % 2 = 0 then date '2024-02-02' else date '2025-02-02' end from generate_series(1, 5000) g;
       create index p_a on p (a); create index p_b on p (b); create index p_new_own on p_new (b, a); analyze`,
      'parts',
    );
    await server.query('set enable_seqscan = off; select from p_new where a = 5', 'parts');
    const [{ bytes }] = await server.query<{ bytes: string }>(
      "select sum(pg_relation_size(relid)) as bytes from pg_partition_tree('p_b')",
      'parts',
    );
    await until('the scan is counted', async () => {
      const rows = await findings(server, "kind = 'unused'", '0, 0', 'parts');
      return rows.every(({ indexrelname }) => indexrelname !== 'p_a');
    });
    const rows = await findings(server, 'true', '0, 0', 'parts');
    expect(verdicts(rows)).toEqual({ p_b: 'safe to drop', p_new_own: 'safe to drop' });
    expect(rows.find(({ indexrelname }) => indexrelname === 'p_b')).toMatchObject({
      size_bytes: bytes,
      do_statement: 'DROP INDEX public.p_b;',
    });
  });

  it('gives statements that take it away, and others that bring it back as it was', async () => {
    await server.query('create database undo');
    await installAdvisors(server, 'undo');
    await server.query(`create tablespace elsewhere location ''`).catch(() => undefined);
    await server.query(
      `create schema "Odd one"; set search_path = "Odd one";
       create table "T; x" (id int primary key, a int, b text, constraint twice unique (id) deferrable initially deferred);
       create index "I; x" on "T; x" using btree (a desc nulls last, lower(b) collate "C" text_pattern_ops) include (id)
         with (fillfactor = 70) where a > 0;
       alter index "I; x" alter column 2 set statistics 500;
       comment on index "I; x" is 'it''s; needed';
       create table p (a int, day date) partition by range (day);
       create table p_1 partition of p for values from ('2024-01-01') to ('2025-01-01') partition by range (day);
       create table p_1_1 partition of p_1 for values from ('2024-01-01') to ('2024-07-01');
       create table p_2 partition of p for values from ('2025-01-01') to ('2026-01-01');
       create index p_a on p (a); comment on index p_2_a_idx is 'of a partition'`,
      'undo',
    );
    const indexes = (): Promise<unknown[]> =>
      server.query(
        `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition, i.indisvalid,
                obj_description(i.indexrelid) as comment, pg_get_constraintdef(c.oid) as constraint, h.inhparent::regclass::text as parent,
                array(select attstattarget from pg_attribute where attrelid = i.indexrelid order by attnum) as targets
           from pg_index i
           left join pg_constraint c on c.conindid = i.indexrelid and c.contype in ('p', 'u')
           left join pg_inherits h on h.inhrelid = i.indexrelid
          where i.indrelid >= 16384 and i.indrelid::regclass::text not like 'pg_toast.%' order by 1`,
        'undo',
      );
    const before = await indexes();
    const rows = await findings(server, "schemaname = 'Odd one'", '0, 0, false', 'undo');
    expect(verdicts(rows)).toEqual({ twice: 'review', 'I; x': 'safe to drop', p_a: 'safe to drop' });
    for (const { do_statement } of rows) await server.query(do_statement, 'undo');
    expect((await indexes()).length).toBe(before.length - 6);
    for (const { undo_statement } of rows) await sendEach(server, undo_statement, 'undo');
    expect(await indexes()).toEqual(before);
  });

  it('is not sure before the counters and the index are old enough', async () => {
    await server.query('create database young');
    await installAdvisors(server, 'young');
    await server.query('create table t (a int, b int); create index t_a on t (a)', 'young');
    const [row] = await findings(server, 'true', '7, 0', 'young');
    expect(row).toMatchObject({ kind: 'unused', verdict: 'insufficient' });
    expect(row.reason).toMatch(/never scanned in 0\.0 days; at least 7 are asked for/);
    // The index is younger than the counters: its own age is what counts.
    const [{ seconds, window_seconds }] = await watch<{ seconds: number; window_seconds: number }>(
      server,
      'select u.window_seconds, w.seconds from pgvigil.unused_indexes(0, 0) u, pgvigil.statistics_window() w',
      'young',
    );
    expect(window_seconds).toBeLessThan(seconds);
    expect((await findings(server, 'true', '0, 0', 'young'))[0].verdict).toBe('safe to drop');
    await expect(findings(server, 'true', '-1, 0', 'young')).rejects.toThrow(
      'min_days and min_bytes must be 0 or more',
    );
  });

  it('counts from a reset, and from a crash, which leaves no date of its own', async () => {
    const since = async (): Promise<number> =>
      (await watch<{ since: Date }>(server, 'select since from pgvigil.statistics_window()'))[0].since.getTime();
    const now = async (): Promise<number> => (await server.query<{ now: Date }>('select now()'))[0].now.getTime();
    const first = await since();
    let before = await now();
    expect(first).toBeLessThan(before);
    await server.query('select pg_stat_reset()');
    await until('the reset is dated', async () => (await since()) >= before);
    before = await now();
    await server.restart('fast');
    expect(await since()).toBeLessThan(before);
    await server.restart('immediate');
    expect(await since()).toBeGreaterThanOrEqual(before);
  });

  it('asks the other servers, which count their own scans', async () => {
    await server.query(
      "create table asked (a int); create index asked_a on asked (a); select pg_create_physical_replication_slot('copy')",
    );
    try {
      const [row] = await findings(server, "indexrelname = 'asked_a'");
      expect(row).toMatchObject({ verdict: 'check standbys first' });
      expect(row.reason).toContain('replication slot copy');
    } finally {
      await server.query("select pg_drop_replication_slot('copy')");
    }
    expect((await findings(server, "indexrelname = 'asked_a'"))[0].verdict).toBe('safe to drop');
  });

  it('does not wait for a table that somebody locks', async () => {
    await server.query(
      'create table locked (a int); create index locked_a on locked (a); create index locked_a_2 on locked (a); create index locked_e on locked (abs(a)) where a is not null',
    );
    const holder = await holdLock(server, 'lock table locked');
    try {
      const rows = await findings(server, "relname = 'locked'");
      expect(verdicts(rows)).toEqual({
        locked_a: 'safe to drop',
        locked_a_2: 'safe to drop',
        locked_e: 'safe to drop',
      });
      expect(rows.map(({ size_bytes, do_statement }) => size_bytes ?? do_statement)).toEqual([null, null, null]);
      expect(rows[0].reason).toContain('somebody locks the table');
    } finally {
      await holder.end();
    }
  });
});

it('on a standby, asks for the primary, and knows of a standby without a slot', async () => {
  const primary = await startAdvised(18);
  const standby = await startStandby(primary);
  try {
    const servers = (server: PostgresServer): Promise<unknown[]> =>
      watch(server, 'select other_servers from pgvigil.statistics_window()');
    await until(
      'the standby is connected',
      async () => (await primary.query('select from pg_stat_replication')).length === 1,
    );
    expect(await servers(primary)).toEqual([{ other_servers: [`standby standby_${standby.port}`] }]);
    await until(
      'the functions are there',
      async () => (await standby.query("select to_regproc('pgvigil.index_facts') as f"))[0].f !== null,
    );
    expect(await servers(standby)).toEqual([{ other_servers: ['its primary'] }]);
    expect(await findings(standby)).toEqual([]);
  } finally {
    await standby.stop();
    await primary.stop();
  }
});

it('without commit timestamps, does not know whether the index is older than the counters', async () => {
  const server = await startAdvised(18);
  try {
    await server.query('create table t (a int); create index t_a on t (a)');
    const [row] = await findings(server);
    expect(row).toMatchObject({ verdict: 'check age first' });
    expect(row.reason).toContain('nothing tells its age');
  } finally {
    await server.stop();
  }
});
