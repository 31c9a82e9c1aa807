/** Benchmarks: what can be run, what runs, what came of it. A workload is named; nothing of it comes through here. */
import type { Benchmarks } from '../../benchmark/benchmarks.ts';
import {
  type BenchmarkRow,
  countBenchmarks,
  findBenchmark,
  listBenchmarks,
  requestCancel,
  setStar,
} from '../../benchmark/book/rows.ts';
import { workloadsFor } from '../../benchmark/offers.ts';
import { reportOf } from '../../benchmark/report/report.ts';
import { itemOf } from '../../benchmark/sheet/item.ts';
import { sheetOf, sheetOfTwo } from '../../benchmark/sheet/sheet.ts';
import { workloadById } from '../../benchmark/workload/read.ts';
import { adjust } from '../../benchmark/workload/schema.ts';
import type { Query, Store } from '../../store/store.ts';
import { stateMissing } from '../errors.ts';
import { ApiFailure } from '../failure.ts';
import type { Handlers, Services } from '../services.ts';
import { targetOf } from '../targets.ts';

interface Desk {
  readonly benchmarks: Benchmarks;
  readonly store: Store;
  readonly query: Query;
}

/** @throws ApiFailure state_missing */
function deskOf({ benchmarks, store }: Services): Desk {
  if (benchmarks === undefined || store === undefined) throw stateMissing();
  return { benchmarks, store, query: (statement, values) => store.query(statement, values) };
}

/** @throws ApiFailure not_found */
async function rowOf({ query }: Desk, id: string): Promise<BenchmarkRow> {
  const row = await findBenchmark(query, id);
  if (row !== undefined) return row;
  throw new ApiFailure('not_found', `there is no benchmark ${id}`, 'GET /api/v1/benchmarks lists those there are.');
}

const listed = (text: string): string[] => text.split(',').filter(Boolean);

export const benchmarkHandlers = {
  'GET /api/v1/benchmarks': async ({ query }, _, services) => {
    const desk = deskOf(services);
    const { page, pageSize, ...wanted } = query;
    if (wanted.target !== undefined) targetOf(services, wanted.target);
    const rows = await listBenchmarks(desk.query, { ...wanted, limit: pageSize, offset: (page - 1) * pageSize });
    return { items: rows.map(itemOf), total: await countBenchmarks(desk.query, wanted), page, pageSize };
  },
  'GET /api/v1/benchmarks/workloads': ({ query }, _, services) =>
    workloadsFor(deskOf(services).query, targetOf(services, query.target).config, services.config.benchmark.workloads),
  'GET /api/v1/benchmarks/compare': async ({ query: { first, second, tested } }, _, services) => {
    const desk = deskOf(services);
    return sheetOfTwo(desk.query, [await rowOf(desk, first), await rowOf(desk, second)], listed(tested));
  },
  'GET /api/v1/benchmarks/:id': async ({ params }, _, services) => {
    const desk = deskOf(services);
    return sheetOf(desk.query, await rowOf(desk, params.id));
  },
  'GET /api/v1/benchmarks/:id/report': async ({ params, query }, _, services) => {
    const desk = deskOf(services);
    const row = await rowOf(desk, params.id);
    const other = query.with === undefined ? undefined : await rowOf(desk, query.with);
    const sheet = other
      ? await sheetOfTwo(desk.query, [other, row], listed(query.tested))
      : await sheetOf(desk.query, row);
    return reportOf(sheet, query.format);
  },
  'POST /api/v1/benchmarks/workloads/:workload/run': async ({ params, body }, caller, services) => {
    const desk = deskOf(services);
    const { kind, comparisons, seed, target: name, ...adjusted } = body;
    const target = targetOf(services, name).config;
    const workload = adjust(workloadById(params.workload, services.config.benchmark.workloads), adjusted);
    const { id } = await desk.benchmarks.start({
      kind,
      target,
      workload,
      comparisons,
      seed,
      requestedBy: caller.login,
    });
    return itemOf(await rowOf(desk, id));
  },
  'POST /api/v1/benchmarks/:id/cancel': async ({ params: { id } }, caller, services) => {
    const desk = deskOf(services);
    const { state } = await rowOf(desk, id);
    const isAsked = await requestCancel(desk.query, id, caller.login);
    if (!isAsked)
      throw new ApiFailure('conflict', `benchmark ${id} does not run: it is ${state}`, 'Nothing needs to be stopped.');
    return itemOf(await rowOf(desk, id));
  },
  'POST /api/v1/benchmarks/:id/star': async ({ params, body }, _, services) => {
    const desk = deskOf(services);
    const row = await rowOf(desk, params.id);
    if (row.state !== 'done' && body.star)
      throw new ApiFailure('conflict', `benchmark ${row.id} is ${row.state}`, 'A baseline is a run that is done.');
    await desk.store.transaction((query) => setStar(query, row, body.star));
    return itemOf(await rowOf(desk, row.id));
  },
} satisfies Handlers<
  | 'GET /api/v1/benchmarks'
  | 'GET /api/v1/benchmarks/workloads'
  | 'GET /api/v1/benchmarks/compare'
  | 'GET /api/v1/benchmarks/:id'
  | 'GET /api/v1/benchmarks/:id/report'
  | 'POST /api/v1/benchmarks/workloads/:workload/run'
  | 'POST /api/v1/benchmarks/:id/cancel'
  | 'POST /api/v1/benchmarks/:id/star'
>;
