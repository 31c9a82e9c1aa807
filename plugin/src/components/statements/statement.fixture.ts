import type { SlowQueries, Statement } from '@pgvigil/exporter/contract';

type Over = Partial<Omit<Statement, 'figures'>> & { figures?: Partial<Statement['figures']> };

/** A statement for tests: one call a second of 2 ms, a tenth of the load. */
export const aStatement = ({ figures, ...more }: Over = {}): Statement => ({
  queryId: '-42',
  database: 'musicdb',
  user: 'app',
  text: 'select 1 from tracks where id = $1',
  kind: 'select',
  tables: ['tracks'],
  change: { kind: 'same', meanRatio: 1, callsRatio: 1 },
  mainWait: 'CPU',
  // None: there is no canvas in tests.
  sparkline: [],
  ...more,
  figures: {
    calls: 3600,
    callsPerSecond: 1,
    totalSeconds: 7.2,
    share: 0.1,
    meanSeconds: 0.002,
    spreadSeconds: 0.001,
    p95EstimateSeconds: 0.004,
    rows: 3600,
    rowsPerCall: 1,
    sharedReadBytes: 0,
    sharedHitBytes: 0,
    sharedDirtiedBytes: 0,
    tempBytes: 0,
    walBytes: 0,
    ioSeconds: null,
    planSeconds: 0,
    ...figures,
  },
});

/** An hour's list of these and of `others` more. */
export const aList = (items: Statement[], others = 0): SlowQueries => ({
  items,
  total: items.length + others,
  page: 1,
  pageSize: 50,
  window: { from: '2026-11-23T09:00:00.000Z', to: '2026-11-23T10:00:00.000Z', gapSeconds: 0, notes: [] },
  totals: {
    seconds: 7200,
    calls: 3600,
    statements: items.length + others,
    pageShare: items.reduce((sum, item) => sum + item.figures.share, 0),
  },
  facets: { database: [], user: [], kind: [], table: [], wait: [] },
});
