/** The workloads that come along, on the sample that they are for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf, listWorkloads, workloadById } from '../../../src/benchmark/workload/read.ts';
import { pgvigil } from '../../support/state.ts';
import { type Bench, startBench } from './support.ts';

const IDS = ['musicdb-bulk', 'musicdb-concurrent', 'musicdb-index', 'musicdb-pool', 'musicdb-query'];

test('all can be read, and say what the source wants of them', () => {
  const listed = listWorkloads();
  expect(listed.map(({ id, error }) => [id, error])).toEqual(IDS.map((id) => [id, undefined]));
  const { thresholds } = workloadById('musicdb-pool');
  expect(thresholds).toEqual({ meanMs: 50, p95Ms: 100, errorRatio: 0.05, poolEfficiency: 0.9 });
  expect(workloadById('musicdb-bulk').thresholds).toMatchObject({ rowsPerHour: 20_000 });
});

test('the digest is of what is measured, not of what is said about it', () => {
  const workload = workloadById('musicdb-query');
  const reversed = Object.fromEntries(Object.entries(workload).reverse()) as typeof workload;
  expect(digestOf({ ...reversed, title: 'Other', margin: 0.5, blocks: 3 })).toBe(digestOf(workload));
  expect(digestOf({ ...workload, clients: workload.clients + 1 })).not.toBe(digestOf(workload));
});

describe.each([14, 18] as const)('PostgreSQL %i', (major) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(major);
    const db = bench.server.url();
    for (const args of [
      ['sql', 'install', '--sample', 'musicdb'],
      ['sample', 'load', '--sample', 'musicdb', '--size', '5000'],
    ]) {
      const { status, text } = await pgvigil(...args, '--db', db);
      if (status !== 0) throw new Error(text);
    }
    await bench.server.query(
      'alter table musicdb.tracks owner to maintainer; grant all on schema musicdb to maintainer',
    );
    await bench.server.query(
      'grant usage on schema musicdb to loader; grant select, insert, update, delete on all tables in schema musicdb to loader',
    );
  });
  afterAll(() => bench?.stop());

  test.each(IDS)('%s: both arms, without an error, and nothing is left behind', async (id) => {
    const count = 'select count(*)::int as n from musicdb.tracks';
    const [before, tracks] = [await bench.fingerprint(), await bench.server.query(count)];
    const { status, out, err } = await bench.run(
      ...['ab', '--target', 'music', '--workload', id, '--blocks', '1', '--seconds', '0.2', '--warmup', '0.2'],
    );
    // What it says is shown where it fails.
    expect([status, status === 0 ? '' : out + err]).toEqual([0, '']);
    expect(out).toMatch(/^(reached|MISSED) +after: (errorRatio|rowsPerHour) wanted/m);
    expect(out).toMatch(/^failed +0 % +0 %$/m);
    const [{ errors }] = await bench.server.query(
      'select errors from pgvigil_state.benchmark order by started_at desc limit 1',
      'state',
    );
    expect(errors).toEqual({});
    expect(await bench.fingerprint()).toEqual(before);
    expect(await bench.server.query(count)).toEqual(tracks);
  });
});

test('every file has words for people at its head', () => {
  const folder = join(import.meta.dirname, '../../../src/benchmark/workload/shipped');
  for (const id of IDS) expect(readFileSync(join(folder, `${id}.yml`), 'utf8')).toMatch(/^# [A-Z][^\n]{40,}/);
});
