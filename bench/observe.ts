/** Scrapes exporters in turn and writes down what each scrape costs whom. */
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import type { PostgresServer } from '../demo/servers/index.ts';
import { type Content, readContent } from './scrape.ts';
import { costBetween, type ServerCost, serverCost } from './server_cost.ts';
import { median, quantile, sum } from './statistics.ts';
import type { Subject } from './subjects.ts';
import { cpuMs, memoryMib, waitedMs } from './usage.ts';

export interface Pace {
  readonly warmUps: number;
  readonly scrapes: number;
  /** After each scrape, so that what a process does afterwards (collecting garbage) burdens itself only. */
  readonly pauseMs: number;
}

export const SMALL_PACE: Pace = { warmUps: 10, scrapes: 100, pauseMs: 40 };
export const BIG_PACE: Pace = { warmUps: 5, scrapes: 30, pauseMs: 300 };
const IDLE_MS = 3000;

export interface Observed {
  readonly wallP50: number;
  readonly wallP95: number;
  readonly cpuMs: number;
  /** CPU time per second between scrapes. */
  readonly idleCpuMs: number;
  /** Median after a scrape, MiB. */
  readonly rss: number;
  readonly peakRss: number;
  readonly wireBytes: number;
  readonly cost: ServerCost;
  /** How late our event loop was, in ms, by the exporter's own metric: the maxima of all scrapes; empty for a peer. */
  readonly loopMs: readonly number[];
  /** How long the main thread was ready but had no CPU, during a scrape and the pause after it: median, ms. */
  readonly waitedMs: number;
  /** Of the last scrape. */
  readonly content: Content;
  /** Our collectors: ms of the database per scrape. */
  readonly collectorMs: ReadonlyMap<string, number>;
  /** The same for all scrapes of the warm-up together. */
  readonly warmUpMs: ReadonlyMap<string, number>;
}

const LOOP_MAX = '\nnodejs_eventloop_lag_max_seconds ';
const DATABASE_SECONDS = 'pgvigil_database_seconds_total';

/** One per subject, in the order given. */
export async function observe(postgres: PostgresServer, subjects: readonly Subject[], pace: Pace): Promise<Observed[]> {
  const observers = subjects.map((subject) => new Observer(subject));
  for (let i = 0; i < pace.warmUps; i++) for (const observer of observers) await observer.scrape(pace.pauseMs);
  for (const observer of observers) await observer.begin(postgres);
  for (let i = 0; i < pace.scrapes; i++) {
    // Each as often first as second, so that what drifts burdens all alike.
    for (const observer of i % 2 ? observers.toReversed() : observers) await observer.scrape(pace.pauseMs);
  }
  const observed: Observed[] = [];
  for (const observer of observers) observed.push(await observer.end(postgres, pace.scrapes));
  return observed;
}

class Observer {
  private readonly subject: Subject;
  private walls: number[] = [];
  private cpu: number[] = [];
  private rss: number[] = [];
  private loop: number[] = [];
  private waited: number[] = [];
  private body: Buffer = Buffer.alloc(0);
  private costBefore: ServerCost | undefined;
  private collectorsBefore = new Map<string, number>();

  constructor(subject: Subject) {
    this.subject = subject;
  }

  async scrape(pauseMs: number): Promise<void> {
    const { pid, scraper } = this.subject;
    const before = cpuMs(pid);
    const waitedBefore = waitedMs(pid);
    const { wallMs, body } = await scraper.scrape();
    this.rss.push(memoryMib(pid).now);
    await sleep(pauseMs);
    this.cpu.push(cpuMs(pid) - before);
    this.waited.push(waitedMs(pid) - waitedBefore);
    this.walls.push(wallMs);
    this.body = body;
    const text = gunzipSync(body);
    const at = text.lastIndexOf(LOOP_MAX);
    if (at >= 0)
      this.loop.push(1000 * parseFloat(text.toString('latin1', at + LOOP_MAX.length, at + LOOP_MAX.length + 30)));
  }

  /** Forgets the warm-up. */
  async begin(postgres: PostgresServer): Promise<void> {
    this.collectorsBefore = readContent(this.body).values(DATABASE_SECONDS);
    this.walls = [];
    this.cpu = [];
    this.rss = [];
    this.loop = [];
    this.waited = [];
    this.costBefore = await serverCost(postgres, this.subject.role);
  }

  async end(postgres: PostgresServer, scrapes: number): Promise<Observed> {
    const { walls, cpu, loop, subject } = this;
    const cost = costBetween(this.costBefore!, await serverCost(postgres, subject.role), scrapes);
    const content = readContent(this.body);
    const collectors = [...content.values(DATABASE_SECONDS)].map(([collector, seconds]): [string, number] => [
      collector,
      ((seconds - (this.collectorsBefore.get(collector) ?? 0)) * 1000) / scrapes,
    ]);
    const idleBefore = cpuMs(subject.pid);
    await sleep(IDLE_MS);
    return {
      wallP50: median(walls),
      wallP95: quantile(walls, 0.95),
      cpuMs: sum(cpu) / cpu.length,
      idleCpuMs: ((cpuMs(subject.pid) - idleBefore) * 1000) / IDLE_MS,
      rss: median(this.rss),
      peakRss: memoryMib(subject.pid).peak,
      wireBytes: this.body.length,
      cost,
      loopMs: loop,
      waitedMs: median(this.waited),
      content,
      collectorMs: new Map(collectors),
      warmUpMs: new Map([...this.collectorsBefore].map(([collector, seconds]) => [collector, seconds * 1000])),
    };
  }
}
