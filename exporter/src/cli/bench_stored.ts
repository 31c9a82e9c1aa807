/** `pgvigil bench compare|export|import`: what is done with runs that are kept. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { compareRuns } from '../benchmark/book/compare.ts';
import { document, documentOf } from '../benchmark/book/document.ts';
import { type BenchmarkRow, importBenchmark, readRecorded } from '../benchmark/book/rows.ts';
import { summaryOf } from '../benchmark/book/summary.ts';
import { BadValue, systemError } from '../config/problems.ts';
import type { Query } from '../store/store.ts';
import type { Common, Opened } from './bench.ts';
import { comparedText } from './bench_text.ts';
import type { Io } from './group.ts';

/** What `bench.ts` has for its subcommands. */
export interface Tools {
  readonly add: (name: string, summary: string) => Command;
  readonly withStore: (options: Common, io: Io, work: (opened: Opened) => Promise<unknown>) => Promise<void>;
  readonly find: (query: Query, id: string) => Promise<BenchmarkRow>;
}

export function addStoredCommands({ add, withStore, find }: Tools, io: Io): void {
  add('compare', 'compare two runs that were measured one after the other')
    .argument('<first>', 'as listed, or how it begins')
    .argument('<second>', 'is compared with the first')
    .option('--tested <names...>', 'what differs on purpose, such as settings.work_mem or schema', [])
    .option('--json', 'print JSON', false)
    .action((first: string, second: string, options: Common & { tested: string[]; json: boolean }) =>
      withStore(options, io, async ({ query }) => {
        const rows = [await find(query, first), await find(query, second)] as const;
        const compared = await compareRuns(query, ...rows, options.tested);
        io.out(options.json ? `${JSON.stringify(compared, undefined, 2)}\n` : comparedText(compared, rows));
      }),
    );
  add('export', 'write a run as one JSON')
    .argument('<id>', 'as listed, or how it begins')
    .argument('[file]', 'absent: standard output')
    .action((id: string, file: string | undefined, options: Common) =>
      withStore(options, io, async ({ query }) => {
        const row = await find(query, id);
        if (row.state === 'running') throw new BadValue('it still runs', 'Wait for its end.');
        const text = `${JSON.stringify(documentOf(row, await readRecorded(query, row.id)))}\n`;
        if (file === undefined) io.out(text);
        else writeFileSync(file, text);
      }),
    );
  add('import', 'read in a run that was exported')
    .argument('<file>', 'as `bench export` writes it')
    .action((file: string, options: Common) =>
      withStore(options, io, async ({ store }) => {
        const one = readDocument(file);
        const { kind, workload, segments } = one;
        // What it comes to is computed here: a file could say anything.
        const summary = segments.length === 0 ? null : summaryOf(kind, workload, segments);
        const added = await store.transaction((query) => importBenchmark(query, one, summary));
        io.out(added ? `Run ${one.id} is here now.\n` : `Run ${one.id} was here already. Nothing was changed.\n`);
      }),
    );
}

/** @throws BadValue naming the field. */
function readDocument(file: string) {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'is no JSON' : systemError(error);
    throw new BadValue(`the file ${file} ${why}`, 'Name one that `pgvigil bench export` has written.');
  }
  const checked = document.safeParse(content);
  if (checked.success) return checked.data;
  const [{ path, message }] = checked.error.issues;
  throw new BadValue(`${file}: ${path.join('.') || 'the whole'}: ${message}`, 'Export it again.');
}
