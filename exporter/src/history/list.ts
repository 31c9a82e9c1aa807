import type { Statement } from '../contract/index.ts';
import type { Prepared, Store } from '../store/store.ts';
import { facetsOf } from './facets.ts';
import { changeOf, figuresOf, impactOf, NOTHING, sumOf, valuesOf } from './figures.ts';
import { type Candidate, pageOf } from './rank.ts';
import { Course, Steps, stepMs } from './steps.ts';
import { readCourses } from './trend.ts';
import type { StatementsPage, StatementsQuery } from './types.ts';
import { labelOf } from './wait_sums.ts';
import { coveredOf, readWindow, uncovered, type WholeWindow } from './whole.ts';

/** Parts of a sparkline, at most. */
const SPARKS = 30;

/** One page of a window's statements, with totals and facets. Empty where nothing is recorded. */
export async function listStatements(store: Store, query: StatementsQuery): Promise<StatementsPage> {
  const { page, pageSize } = query;
  const [whole, found] = await Promise.all([readWindow(store, query.target, query, 'head'), search(store, query)]);
  if (whole === null) return nothing(query);
  const { totals, now } = whole;
  const all = query.sort === 'change' ? await changing(whole) : running(whole);
  const searched = found === null ? all : all.filter(({ info }) => found.has(info.id));
  const { passed, facets } = facetsOf(searched, query, totals.execMs);
  const rows = pageOf(passed, query);
  const [texts, sparklines, changes] = await Promise.all([
    readTexts(store, rows),
    readSparklines(store, whole, rows),
    readChanges(whole, rows),
  ]);
  const items = rows.map(
    (row, place): Statement => ({
      queryId: row.info.queryId,
      database: row.info.database,
      user: row.info.user,
      text: texts.get(row.info.id) ?? '',
      kind: row.info.kind ?? 'other',
      tables: [...row.info.tables],
      figures: figuresOf(row, totals),
      change: changes[place],
      mainWait: row.mainWait,
      sparkline: sparklines[place],
    }),
  );
  return {
    items,
    total: passed.length,
    page,
    pageSize,
    window: coveredOf(whole.coverage),
    totals: {
      seconds: totals.execMs / 1000,
      calls: sumOf(now, 'calls'),
      statements: now.rows.size,
      pageShare: items.reduce((sum, { figures }) => sum + figures.share, 0),
    },
    facets,
  };
}

/** Every statement that ran in the window. */
function running({ now, names, waits }: WholeWindow): Candidate[] {
  const candidates: Candidate[] = [];
  const { columns } = now;
  for (const [id, row] of now.rows) {
    const info = names.statements.get(id);
    if (info === undefined) continue;
    const main = waits?.get(id)?.[0];
    candidates.push({ info, columns, row, mainWait: main ? labelOf(main) : null, change: null, impact: null });
  }
  return candidates;
}

/** Those and the ones that ran in the window before only, with what changed. */
async function changing(whole: WholeWindow): Promise<Candidate[]> {
  const { now, names, totals, secondsBefore } = whole;
  const before = await whole.before();
  const ran = running(whole);
  const gone = [...(before?.rows.keys() ?? [])].flatMap((id): Candidate[] => {
    const info = now.rows.has(id) ? undefined : names.statements.get(id);
    return info ? [{ info, ...NOTHING, mainWait: null, change: null, impact: null }] : [];
  });
  return [...ran, ...gone].map((candidate) => {
    const mine = valuesOf(now, candidate.info.id);
    const past = before && valuesOf(before, candidate.info.id);
    const change = changeOf(mine, past, totals.seconds, secondsBefore);
    return { ...candidate, change, impact: impactOf(change, mine, past) };
  });
}

async function readChanges(whole: WholeWindow, rows: readonly Candidate[]): Promise<Statement['change'][]> {
  if (rows.every(({ change }) => change !== null)) return rows.map(({ change }) => change!);
  const { totals, secondsBefore } = whole;
  const before = await whole.before(new Set(rows.map(({ info }) => info.id)));
  return rows.map((row) => changeOf(row, before && valuesOf(before, row.info.id), totals.seconds, secondsBefore));
}

/** Ids of statements whose text or query id it is in; null: nothing is searched for. */
async function search(store: Store, { target, search: words }: StatementsQuery): Promise<Set<number> | null> {
  if (words === undefined || words === '') return null;
  const rows = await store.query<{ id: number }>(
    `select s.id from pgvigil_state.statement s join pgvigil_state.target t on t.id = s.target
      where t.name = $1 and (position(lower($2) in lower(s.query)) > 0 or s.query_id::text = $2)`,
    [target, words],
  );
  return new Set(rows.map(({ id }) => id));
}

async function readTexts(store: Store, rows: readonly Candidate[]): Promise<Map<number, string>> {
  if (rows.length === 0) return new Map();
  const found = await store.query<{ id: number; query: string }>(TEXTS, [rows.map(({ info }) => info.id)]);
  return new Map(found.map(({ id, query }) => [id, query]));
}

const TEXTS: Prepared = {
  name: 'texts of statements',
  text: 'select id, query from pgvigil_state.statement where id = any ($1)',
};

async function readSparklines(
  store: Store,
  { coverage, names, done }: WholeWindow,
  rows: readonly Candidate[],
): Promise<(number | null)[][]> {
  if (rows.length === 0) return [];
  const steps = new Steps(coverage, stepMs(coverage, SPARKS));
  const byRow = rows.map(() => new Course(steps.at.length));
  const courses = new Map(
    rows.flatMap(({ info }, place) => names.livesOf(info.id).map((life): [number, Course] => [life, byRow[place]])),
  );
  await readCourses(store, coverage, done, courses, steps);
  return byRow.map(({ execMs }) =>
    Array.from(execMs, (ms, place) => (steps.seconds[place] > 0 ? ms / 1000 / steps.seconds[place] : null)),
  );
}

const nothing = ({ page, pageSize, ...range }: StatementsQuery): StatementsPage => ({
  items: [],
  total: 0,
  page,
  pageSize,
  window: uncovered(range),
  totals: { seconds: 0, calls: 0, statements: 0, pageShare: 0 },
  facets: { database: [], user: [], kind: [], table: [], wait: [] },
});
