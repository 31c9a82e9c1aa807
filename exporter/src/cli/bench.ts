/** `pgvigil bench`: measures workloads, compares what was measured. */
import type { BenchmarkKind } from '../contract/benchmarks.ts';
import { type Command, InvalidArgumentError } from 'commander';
import { BadValue } from '../config/problems.ts';
import { forgetDebt } from '../benchmark/book/debts.ts';
import { listBenchmarks, requestCancel, setStar } from '../benchmark/book/rows.ts';
import { restoreAbandoned } from '../benchmark/restore.ts';
import { listWorkloads } from '../benchmark/workload/read.ts';
import { type Common, configOf, configOption, find, targetOf, withStore } from './bench_context.ts';
import { listText, showText } from './bench_text.ts';
import { type Measuring, runBench } from './bench_run.ts';
import { addStoredCommands } from './bench_stored.ts';
import type { AddCommands } from './group.ts';

const HELP = `
A workload is a data file: statements, how often they come, for how long. \`bench workloads\` lists those that are there; a
path is a file of your own. Targets are those of the configuration that say \`benchmark: allowed\`; runs are kept in the
state database.

\`bench ab\` measures the two arms of a workload by turns and says which is faster, with the doubt that is left. \`bench aa\`
does the same with two equal arms: how often this machine would call nothing a change, and how small a change it can see.

Exit status: 0 done; 1 failed or stopped; 2 wrong usage.

Examples:
  pgvigil bench run --target music --workload musicdb-query
  pgvigil bench ab --target music --workload ./work_mem.yml --blocks 40
  pgvigil bench list --workload musicdb-query
`;

export const addBenchCommands: AddCommands = (program, io) => {
  const group = program
    .command('bench')
    .description('Measures workloads on a target, and compares what was measured.')
    .summary('measure workloads, compare what was measured')
    .addHelpText('after', HELP);
  const add = (name: string, summary: string): Command =>
    group.command(name).summary(summary).description(`pgvigil bench ${name}: ${summary}.`).addOption(configOption());

  for (const [kind, summary] of Object.entries(MEASURING) as [BenchmarkKind, string][]) {
    const command = add(kind, summary)
      .requiredOption('--target <name>', 'of the configuration')
      .requiredOption('--workload <id or file>', 'see `pgvigil bench workloads`')
      .option('--blocks <count>', "instead of the workload's", whole(1000))
      .option('--seconds <seconds>', "of one segment, instead of the workload's length", positive)
      .option('--warmup <seconds>', "instead of the workload's, on each arm", positive)
      .option('--seed <number>', 'draws the same statements, values and turns again', whole(2 ** 31));
    if (kind === 'aa') command.option('--comparisons <count>', 'each of so many blocks', whole(1000), 10);
    command.action((options: Measuring) => runBench(kind, options, io));
  }
  add('list', 'say what was measured, latest first')
    .option('--target <name>', 'of this target only')
    .option('--workload <id>', 'of this workload only')
    .option('--limit <count>', 'at most so many', whole(1000), 20)
    .option('--json', 'print JSON', false)
    .action((options: Common & { target?: string; workload?: string; limit: number; json: boolean }) =>
      withStore(options, io, async ({ query }) => {
        const rows = await listBenchmarks(query, options);
        io.out(options.json ? `${JSON.stringify(rows, undefined, 2)}\n` : listText(rows));
      }),
    );
  add('show', 'say what one run came to')
    .argument('<id>', 'as listed, or how it begins')
    .option('--json', 'print JSON', false)
    .action((id: string, options: Common & { json: boolean }) =>
      withStore(options, io, async ({ query }) => {
        const row = await find(query, id);
        io.out(options.json ? `${JSON.stringify(row, undefined, 2)}\n` : showText(row));
      }),
    );
  addStoredCommands(add, io);
  add('star', 'make a run the baseline of its workload on its target')
    .argument('<id>', 'as listed, or how it begins')
    .option('--remove', 'take the star away', false)
    .action((id: string, options: Common & { remove: boolean }) =>
      withStore(options, io, async ({ query, store }) => {
        const row = await find(query, id);
        await store.transaction((all) => setStar(all, row, !options.remove));
      }),
    );
  add('cancel', 'stop a run; what it has set is taken back')
    .argument('<id>', 'as listed, or how it begins')
    .action((id: string, options: Common) =>
      withStore(options, io, async ({ query }) => {
        const { id: whole } = await find(query, id);
        if (await requestCancel(query, whole, 'pgvigil bench')) return io.out('It will end within seconds.\n');
        throw new BadValue('it does not run', 'See pgvigil bench list.');
      }),
    );
  add('workloads', 'say which workloads there are').action((options: Common) => {
    for (const { id, title, error } of listWorkloads(configOf(options, io).benchmark.workloads))
      io.out(`${id.padEnd(20)}  ${error ?? title}\n`);
  });
  add('restore', 'take back what a killed run has set')
    .requiredOption('--target <name>', 'of the configuration')
    .option('--forget', 'take what is there as it should be: somebody has mended it by hand', false)
    .action((options: Common & { target: string; forget: boolean }) =>
      withStore(options, io, async ({ config, query, store }) => {
        const target = targetOf(config, options.target);
        const restored = await restoreAbandoned(store, [target]);
        if (restored.length === 0) io.out('Nothing is owed.\n');
        for (const { benchmark, problems } of restored) {
          io.out(problems.length === 0 ? `Taken back: what ${benchmark} had set.\n` : `${problems.join('\n')}\n`);
          if (problems.length === 0) continue;
          if (options.forget) await forgetDebt(query, benchmark);
          else io.finish(1);
        }
      }),
    );
};

const MEASURING: Readonly<Record<BenchmarkKind, string>> = {
  run: 'measure a workload as it is',
  ab: 'measure its two arms by turns, and say which is faster',
  aa: 'measure two equal arms: false alarms of this machine, and the smallest change it can see',
};

const whole =
  (most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d{1,10}$/.test(text) && value >= 1 && value <= most) return value;
    throw new InvalidArgumentError(`A whole number from 1 to ${most}.`);
  };

function positive(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= 86_400) return value;
  throw new InvalidArgumentError('A number of seconds, more than 0.');
}
