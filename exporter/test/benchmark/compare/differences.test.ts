import type { Facts } from '../../../src/contract/benchmarks.ts';
import { type Circumstances, differences, testedBy } from '../../../src/benchmark/compare/differences.ts';
import { switches } from '../../../src/benchmark/workload/schema.ts';

const FACTS: Facts = {
  serverVersion: '17.5',
  standby: false,
  settings: { work_mem: '4MB', shared_buffers: '128MB' },
  extensions: { pg_trgm: '1.6' },
  schema: { 'shop.songs': 'aa', 'shop.sales': 'bb' },
  dataBytes: 1_000_000,
  pooler: { default_pool_size: '20' },
  host: { cpus: 2, memoryBytes: 8e9, kernel: '6.1.0', node: 'v24.0.0' },
};
const RUN: Circumstances = { target: 'main', workload: 'digest', facts: FACTS };

const but = (facts: Partial<Facts>, more: Partial<Circumstances> = {}): Circumstances => ({
  ...RUN,
  ...more,
  facts: { ...FACTS, ...facts },
});

const names = (other: Circumstances, tested?: readonly string[]): string[] =>
  differences(RUN, other, tested).map(({ name, forbids }) => (forbids ? name : `(${name})`));

test('equal runs have no differences, whatever their order of writing', () => {
  expect(differences(RUN, structuredClone(RUN))).toEqual([]);
  expect(names(but({ settings: { shared_buffers: '128MB', work_mem: '4MB' } }))).toEqual([]);
});

test.each<[string, Circumstances]>([
  ['target', but({}, { target: 'other' })],
  ['workload', but({}, { workload: 'other' })],
  ['version', but({ serverVersion: '17.6' })],
  ['standby', but({ standby: true })],
  ['settings.work_mem', but({ settings: { ...FACTS.settings, work_mem: '8MB' } })],
  ['settings.jit', but({ settings: { ...FACTS.settings, jit: 'off' } })],
  ['settings.shared_buffers', but({ settings: { work_mem: '4MB' } })],
  ['(settings.cluster_name)', but({ settings: { ...FACTS.settings, cluster_name: 'blue' } })],
  ['extensions.pg_trgm', but({ extensions: { pg_trgm: '1.5' } })],
  ['schema.shop.songs', but({ schema: { ...FACTS.schema, 'shop.songs': 'cc' } })],
  ['data', but({ dataBytes: 1_060_000 })],
  ['data', but({ dataBytes: 940_000 })],
  ['pooler.default_pool_size', but({ pooler: { default_pool_size: '5' } })],
  ['host.cpus', but({ host: { ...FACTS.host, cpus: 4 } })],
  ['host.kernel', but({ host: { ...FACTS.host, kernel: '6.2.0' } })],
  ['(host.node)', but({ host: { ...FACTS.host, node: 'v24.1.0' } })],
])('%s', (name, other) => {
  expect(names(other)).toEqual([name]);
  expect(differences(other, RUN).map(({ forbids }) => forbids)).toEqual([!name.startsWith('(')]);
});

test('a database that has grown a little is the same; without a pooler is not with one', () => {
  expect(names(but({ dataBytes: 1_040_000 }))).toEqual([]);
  expect(names(but({ pooler: null }))).toEqual(['pooler.default_pool_size']);
});

test('a difference says what it is, of both sides', () => {
  expect(differences(RUN, but({ settings: { shared_buffers: '256MB' } }))).toEqual([
    {
      name: 'settings.shared_buffers',
      first: '128MB',
      second: '256MB',
      words: 'the setting shared_buffers: 128MB → 256MB',
      forbids: true,
    },
    {
      name: 'settings.work_mem',
      first: '4MB',
      second: null,
      words: 'the setting work_mem: 4MB → not there',
      forbids: true,
    },
  ]);
  expect(differences(RUN, but({ standby: true }))[0].words).toBe('whether it is a standby: false → true');
});

test('what is tested forbids nothing, and only that', () => {
  const tested = testedBy([
    switches.parse({ session: { jit: false } }),
    switches.parse({ settings: { work_mem: '64MB' }, pooler: { default_pool_size: 50 } }),
  ]);
  expect(tested.sort()).toEqual(['pooler.default_pool_size', 'settings.jit', 'settings.work_mem']);
  const other = but({ settings: { work_mem: '64MB', shared_buffers: '1GB' }, pooler: { default_pool_size: '50' } });
  expect(names(other, tested)).toEqual([
    'settings.shared_buffers',
    '(settings.work_mem)',
    '(pooler.default_pool_size)',
  ]);
  // A name is not tested because another begins like it.
  expect(names(but({ settings: { ...FACTS.settings, work_mem_more: '1' } }), tested)).toEqual([
    'settings.work_mem_more',
  ]);
});

test('arms with indexes or scripts may change tables and the size, and nothing else', () => {
  const index = { name: 'songs_title', create: 'create index songs_title on shop.songs (title)' };
  const script = {
    set: 'alter table shop.songs set (fillfactor = 50)',
    unset: 'alter table shop.songs reset (fillfactor)',
  };
  for (const arm of [switches.parse({ indexes: [index] }), switches.parse({ scripts: [script] })]) {
    const other = but({ schema: { ...FACTS.schema, 'shop.songs': 'cc' }, dataBytes: 2e6, standby: true });
    expect(names(other, testedBy([switches.parse({}), arm]))).toEqual(['standby', '(schema.shop.songs)', '(data)']);
  }
  expect(testedBy([switches.parse({}), switches.parse({})])).toEqual([]);
});
