/** `pgvigil bench compare|report|export|import`: what is done with runs that are kept. */
import { readFileSync, writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { compareRuns } from '../benchmark/book/compare.ts';
import { type BenchmarkDocument, document, documentOf } from '../benchmark/book/document.ts';
import { importBenchmark, readSegments } from '../benchmark/book/rows.ts';
import { type Summary, summaryOf } from '../benchmark/book/summary.ts';
import { reportOf, type ReportFormat } from '../benchmark/report/report.ts';
import { sheetOf, sheetOfTwo } from '../benchmark/sheet/sheet.ts';
import { digestOf } from '../benchmark/workload/read.ts';
import { BadValue, systemError } from '../config/problems.ts';
import { type Common, find, withStore } from './bench_context.ts';
import { comparedText } from './bench_text.ts';
import type { Io } from './group.ts';

interface Reporting extends Common {
  readonly beside?: string;
  readonly tested: string[];
  readonly format: ReportFormat;
  readonly output?: string;
}

type Add = (name: string, summary: string) => Command;

export function addStoredCommands(add: Add, io: Io): void {
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
  add('report', 'write a run, or two beside each other, as a page to keep or to send')
    .argument('<id>', 'as listed, or how it begins')
    .option('--beside <id>', 'an earlier run of the same, to compare it with')
    .option('--tested <names...>', 'what differs on purpose, such as settings.work_mem or schema', [])
    .addOption(new Option('--format <format>').choices(['html', 'markdown']).default('html'))
    .option('--output <file>', 'absent: standard output')
    .action((id: string, options: Reporting) =>
      withStore(options, io, async ({ query }) => {
        const row = await find(query, id);
        const other = options.beside === undefined ? undefined : await find(query, options.beside);
        const sheet = other ? await sheetOfTwo(query, [other, row], options.tested) : await sheetOf(query, row);
        const { text } = reportOf(sheet, options.format);
        if (options.output === undefined) io.out(text);
        else writeFileSync(options.output, text);
      }),
    );
  add('export', 'write a run as one JSON')
    .argument('<id>', 'as listed, or how it begins')
    .argument('[file]', 'absent: standard output')
    .action((id: string, file: string | undefined, options: Common) =>
      withStore(options, io, async ({ query }) => {
        const row = await find(query, id);
        if (row.state === 'running') throw new BadValue('it still runs', 'Wait for its end.');
        const text = `${JSON.stringify(documentOf(row, await readSegments(query, row.id)))}\n`;
        if (file === undefined) io.out(text);
        else writeFileSync(file, text);
      }),
    );
  add('import', 'read in a run that was exported')
    .argument('<file>', 'as `bench export` writes it')
    .action((file: string, options: Common) =>
      withStore(options, io, async ({ store }) => {
        const one = readDocument(file);
        const derived = { digest: digestOf(one.workload), summary: summarised(one, file) };
        const added = await store.transaction((query) => importBenchmark(query, one, derived));
        io.out(added ? `Run ${one.id} is here now.\n` : `Run ${one.id} was here already. Nothing was changed.\n`);
      }),
    );
}

/** @throws BadValue naming the field. */
function readDocument(file: string): BenchmarkDocument {
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

/** @throws BadValue where a histogram can't be read. */
function summarised({ kind, workload, segments }: BenchmarkDocument, file: string): Summary | null {
  try {
    return segments.length === 0 ? null : summaryOf(kind, workload, segments);
  } catch {
    throw new BadValue(`${file}: segments: a histogram can't be read`, 'Export it again.');
  }
}
