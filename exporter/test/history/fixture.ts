/** A monitored server and a state database, with a recorder that takes its points when the test says so. */
import type { PostgresMajor, PostgresServer } from '../../../demo/servers/index.ts';
import { startPostgres } from '../../../demo/servers/index.ts';
import { parseDsn } from '../../src/config/dsn.ts';
import type { Dsn } from '../../src/config/types.ts';
import { RecordingSession } from '../../src/history/session.ts';
import { TargetRecorder } from '../../src/history/target_recorder.ts';
import { listStatements } from '../../src/history/window.ts';
import type { StatementsPage, StatementsQuery } from '../../src/history/types.ts';
import { LiveTarget } from '../../src/live/live_target.ts';
import { Store } from '../../src/store/store.ts';
import { CREATE_MONITOR } from '../support/database.ts';
import { prepareState, type StateDatabase } from '../support/state.ts';

export const TARGET = 'shop';
/** So long that no test run is a gap. */
const INTERVAL_SECONDS = 3600;

export const dsn = (url: string): Dsn => parseDsn(url, { env: {}, warn: () => undefined });

export interface Fixture {
  readonly server: PostgresServer;
  readonly state: StateDatabase;
  readonly store: Store;
  /** Takes a point. @returns when. */
  point(): Promise<Date>;
  /** A look at the sessions. */
  sample(): Promise<void>;
  /** As another exporter would: everything is read from the state database again. */
  takeOver(): Promise<void>;
  window(from: Date, to: Date, more?: Partial<StatementsQuery>): Promise<StatementsPage>;
  /** Of the statement that has `text` in it. */
  find(page: StatementsPage, text: string): StatementsPage['items'][number];
  stop(): Promise<void>;
}

export async function startFixture(major: PostgresMajor, settings: Record<string, string> = {}): Promise<Fixture> {
  const server = await startPostgres({ major, settings: { track_io_timing: 'on', ...settings } });
  await server.query('create extension pg_stat_statements');
  await server.query(CREATE_MONITOR);
  const state = await prepareState(server);
  const store = new Store(dsn(state.runtime));
  const databases = { discover: false, include: [], exclude: [] };
  const live = new LiveTarget({ name: TARGET, postgres: dsn(server.url('postgres', 'monitor')), databases });
  let session = await RecordingSession.open(dsn(state.runtime));
  const [{ id }] = await session.query<{ id: number }>(
    'insert into pgvigil_state.target (name) values ($1) returning id',
    [TARGET],
  );
  const load = (): Promise<TargetRecorder> =>
    TargetRecorder.load({ live, session, target: id, intervalSeconds: INTERVAL_SECONDS, sampleSeconds: 1 });
  let recorder = await load();
  return {
    server,
    state,
    store,
    point: async () => {
      await recorder.snapshot(0);
      const [{ at }] = await store.query<{ at: Date }>('select max(at) as at from pgvigil_state.point');
      return at;
    },
    sample: () => recorder.sample(),
    takeOver: async () => {
      session.close();
      await session.ended;
      session = await RecordingSession.open(dsn(state.runtime));
      recorder = await load();
    },
    window: (from, to, more = {}) =>
      listStatements(store, { target: TARGET, from, to, sort: 'load', order: 'desc', page: 1, pageSize: 500, ...more }),
    find: (page, text) => {
      const found = page.items.filter((item) => item.text.includes(text));
      if (found.length !== 1) throw new Error(`${found.length} statements with ${text}`);
      return found[0];
    },
    stop: async () => {
      session.close();
      await live.close();
      await store.close();
      await server.stop();
    },
  };
}
