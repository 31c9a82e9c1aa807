/** `pgvigil bench run|ab|aa`: one measurement, watched to its end. */
import type { BenchmarkKind, BenchmarkProgress } from '../contract/benchmarks.ts';
import { Benchmarks } from '../benchmark/benchmarks.ts';
import { readWorkload, workloadById } from '../benchmark/workload/read.ts';
import { adjust, type Workload } from '../benchmark/workload/schema.ts';
import type { Config } from '../config/types.ts';
import { VERSION } from '../version.ts';
import { type Common, targetOf, withStore } from './bench_context.ts';
import { showText } from './bench_text.ts';
import { duration } from './duration.ts';
import type { Io } from './group.ts';

/** Between two lines where there is no terminal. */
const LINE_MS = 10_000;

export interface Measuring extends Common {
  readonly target: string;
  readonly workload: string;
  readonly blocks?: number;
  readonly seconds?: number;
  readonly warmup?: number;
  readonly seed?: number;
  readonly comparisons?: number;
}

export const runBench = (kind: BenchmarkKind, options: Measuring, io: Io): Promise<void> =>
  withStore(options, io, async ({ config, store }) => {
    const report = progressReport(process.stderr);
    const onProgress = (_: string, progress: BenchmarkProgress): void => report.update(progress);
    const benchmarks = new Benchmarks({ store, version: VERSION, onProgress });
    const target = targetOf(config, options.target);
    const workload = workloadOf(config, options);
    const { comparisons, seed } = options;
    const { id, ended } = await benchmarks.start({ kind, target, workload, comparisons, seed, requestedBy: 'cli' });
    io.err(`Run ${id}\n`);
    const stop = (): void => {
      io.err('\nStopping: what was set is taken back first.\n');
      benchmarks.cancel(id, 'whoever stopped the command');
    };
    process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', stop);
    try {
      const row = await ended;
      report.stop();
      io.out(showText(row));
      if (row.state !== 'done') io.finish(1);
    } finally {
      report.stop();
      process.off('SIGINT', stop).off('SIGTERM', stop).off('SIGHUP', stop);
    }
  });

/** @throws BadValue, ConfigError */
function workloadOf(config: Config, { workload: named, blocks, seconds, warmup }: Measuring): Workload {
  const isFile = /[/.]/.test(named);
  const workload = isFile ? readWorkload(named) : workloadById(named, config.benchmark.workloads);
  return adjust(workload, { blocks, seconds, warmupSeconds: warmup });
}

interface ProgressReport {
  readonly update: (progress: BenchmarkProgress) => void;
  readonly stop: () => void;
}

/** One line that is written over on a terminal, elsewhere a line now and then. */
function progressReport(stream: NodeJS.WriteStream): ProgressReport {
  let last = -Infinity;
  const clear = (): void => void (stream.isTTY && stream.write('\r\u001b[K'));
  return {
    update: (progress) => {
      const now = performance.now();
      if (!stream.isTTY && now - last < LINE_MS) return;
      last = now;
      clear();
      stream.write(lineOf(progress) + (stream.isTTY ? '' : '\n'));
    },
    stop: clear,
  };
}

function lineOf({ phase, done, of, arm, secondsLeft, perSecond, p99Us }: BenchmarkProgress): string {
  const parts = [phase, `${done} of ${of} segments`];
  if (arm !== null) parts.push(arm);
  if (perSecond !== null) parts.push(`${perSecond}/s`);
  if (p99Us !== null) parts.push(`p99 ${(p99Us / 1000).toFixed(1)} ms`);
  if (secondsLeft !== null) parts.push(`about ${duration(secondsLeft)} left`);
  return parts.join(' | ');
}
