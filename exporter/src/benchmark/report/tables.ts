/** What a report says in rows, the same in every format. */
import type { Figure, Figures, Sheet, Side } from '../../contract/benchmarks.ts';
import { percent } from '../compare/percent.ts';
import { bytes, milliseconds, moment, number } from './format.ts';

export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** A sentence below it. */
  readonly note?: string;
}

const WAITS = 8;

/** Those that have something to say. */
export function tablesOf(sheet: Sheet): Table[] {
  const tables = [
    latencies,
    thresholds,
    alarms,
    waits,
    serverWork,
    switches,
    differences,
    statements,
    errors,
    circumstances,
  ];
  return tables.map((make) => make(sheet)).filter(({ rows }) => rows.length > 0);
}

const LATENCIES: readonly (readonly [string, (figures: Figures) => string, Figure | null])[] = [
  ['mean', ({ mean }) => milliseconds(mean), 'mean'],
  ['p50', ({ p50 }) => milliseconds(p50), 'p50'],
  ['p90', ({ p90 }) => milliseconds(p90), null],
  ['p95', ({ p95 }) => milliseconds(p95), 'p95'],
  ['p99', ({ p99 }) => milliseconds(p99), 'p99'],
  ['p99.9', ({ p999 }) => milliseconds(p999), null],
  ['longest', ({ max }) => milliseconds(max), null],
  ['answers per second', ({ throughput }) => number(throughput), 'throughput'],
  ['answers', ({ count }) => number(count), null],
  ['failed or not sent', ({ failedRatio }) => (failedRatio === null ? '–' : percent(failedRatio)), null],
];

function latencies({ sides, comparison, changesInWords }: Sheet): Table {
  const compared = (figure: Figure | null): string[] =>
    comparison === null ? [] : [(figure && changesInWords[figure]) ?? ''];
  return {
    title: 'Latency and throughput',
    head: ['', ...sides.map(({ name }) => name), ...(comparison ? ['difference (95 %)'] : [])],
    rows:
      sides.length === 0
        ? []
        : LATENCIES.map(([name, read, figure]) => [
            name,
            ...sides.map(({ figures }) => read(figures)),
            ...compared(figure),
          ]),
    note: 'Latencies count from the moment at which a statement was due.',
  };
}

const THRESHOLD_WORDS: Readonly<
  Record<Side['thresholds'][number]['name'], readonly [string, (value: number) => string]>
> = {
  rowsPerHour: ['rows an hour, at least', number],
  meanMs: ['mean latency, below', (value) => milliseconds(value * 1000)],
  p95Ms: ['p95 latency, below', (value) => milliseconds(value * 1000)],
  errorRatio: ['share of errors, below', percent],
  poolEfficiency: ['pool efficiency, above', percent],
};

const REACHED = new Map([
  [true, 'reached'],
  [false, 'missed'],
  [null, 'not known'],
]);

const thresholds = ({ sides }: Sheet): Table => ({
  title: 'What the workload wants',
  head: ['', 'side', 'wanted', 'found', ''],
  rows: sides.flatMap((side) =>
    side.thresholds.map(({ name, wanted, found, met }) => {
      const [words, write] = THRESHOLD_WORDS[name];
      return [words, side.name, write(wanted), found === null ? '–' : write(found), REACHED.get(met)!];
    }),
  ),
});

function alarms({ aa }: Sheet): Table {
  const rows =
    aa === null
      ? []
      : [
          [
            'by turns, in the sentence',
            String(aa.paired.alarms),
            String(aa.paired.of),
            `${percent(aa.paired.low)} … ${percent(aa.paired.high)}`,
          ],
          ...(
            [
              ['by turns, in any figure', aa.anyFigure],
              ['one after the other', aa.sequential],
              ['one after the other, with its drift', aa.sequentialWithDrift],
            ] as const
          ).map(([name, { alarms, of, low, high }]) => [
            name,
            String(alarms),
            String(of),
            `${percent(low)} … ${percent(high)}`,
          ]),
        ];
  const smallest =
    aa?.smallest.flatMap(({ blocks, change }) => (change === null ? [] : `${blocks} blocks: ${percent(change)}`)) ?? [];
  return {
    title: 'False alarms of this machine',
    head: ['', 'alarms', 'comparisons', '95 %'],
    rows,
    note: `Smallest change that it sees: ${smallest.join(', ') || 'not known'}.`,
  };
}

function waits({ sides }: Sheet): Table {
  const names = [...new Set(sides.flatMap(({ waits }) => Object.keys(waits ?? {})))];
  const share = ({ waits }: Side, name: string): number | null => {
    const all = Object.values(waits ?? {}).reduce((sum, count) => sum + count, 0);
    return all === 0 ? null : (waits![name] ?? 0) / all;
  };
  const most = (name: string): number => Math.max(...sides.map((side) => share(side, name) ?? 0));
  return {
    title: 'What its sessions waited for',
    head: ['', ...sides.map(({ name }) => name)],
    rows: names
      .sort((a, b) => most(b) - most(a))
      .slice(0, WAITS)
      .map((name) => [
        name,
        ...sides.map((side) => {
          const part = share(side, name);
          return part === null ? '–' : percent(part);
        }),
      ]),
    note: 'Share of the active sessions of the load, sampled ten times a second; CPU: waiting for nothing.',
  };
}

const serverWork = ({ sides }: Sheet): Table => ({
  title: 'What the server did',
  head: ['', ...sides.map(({ name }) => name)],
  rows:
    sides.length === 0
      ? []
      : [
          ['WAL written', ...sides.map(({ walBytes }) => bytes(walBytes))],
          ['checkpoints', ...sides.map(({ checkpoints }) => number(checkpoints))],
          ['connections begun', ...sides.map(({ sessions }) => number(sessions))],
        ],
  note: 'Of the whole server, and so also of whatever else it had to do.',
});

const switches = ({ benchmarks }: Sheet): Table => ({
  title: 'What was compared',
  head: ['arm', 'sets'],
  rows: benchmarks.flatMap(({ switches }) =>
    Object.entries(switches).map(([arm, words]) => [arm, words.join('; ') || 'nothing']),
  ),
});

const differences = ({ differences }: Sheet): Table => ({
  title: 'In what the runs differ',
  head: [''],
  rows: differences.map(({ words }) => [words]),
});

const statements = ({ benchmarks }: Sheet): Table => ({
  title: 'What the server counted',
  head: ['statement', 'calls', 'ms in all', 'rows', 'read from disk', 'WAL'],
  rows: benchmarks.flatMap(({ statements }) =>
    (statements ?? []).map(({ query, calls, totalMs, rows, sharedRead, walBytes }) => [
      query.replace(/\s+/g, ' ').slice(0, 200),
      ...[calls, totalMs, rows].map(number),
      bytes(sharedRead * 8192),
      bytes(walBytes),
    ]),
  ),
});

const errors = ({ benchmarks }: Sheet): Table => ({
  title: 'Errors',
  head: ['SQLSTATE', 'statement', 'the first of them'],
  rows: benchmarks.flatMap(({ errors }) =>
    Object.entries(errors).map(([code, { statement, message }]) => [code, statement, message]),
  ),
});

/** Of two runs that are compared these agree, but for what is listed as different. */
function circumstances({ benchmarks }: Sheet): Table {
  const [{ facts, startedAt, finishedAt, requestedBy, blocks, target, id }] = benchmarks;
  const seldom = facts && [
    ['PostgreSQL', facts.serverVersion + (facts.standby ? ', a standby' : '')],
    ['database', bytes(facts.dataBytes)],
    ...Object.entries(facts.settings).map(([name, value]) => [name, value]),
    ...Object.entries(facts.pooler ?? {}).map(([name, value]) => [`PgBouncer: ${name}`, value]),
    [
      'extensions',
      Object.entries(facts.extensions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
    [
      'sent from',
      `${facts.host.cpus} processors, ${bytes(facts.host.memoryBytes)}, ${facts.host.kernel}, Node.js ${facts.host.node}`,
    ],
  ];
  return {
    title: 'Circumstances',
    head: ['', ''],
    rows: [
      ['benchmark', id],
      ['target', target],
      ['began', moment(startedAt)],
      ...(finishedAt === null ? [] : [['ended', moment(finishedAt)]]),
      ['asked for by', requestedBy],
      ['blocks', String(blocks)],
      ...(seldom ?? []),
    ],
  };
}
