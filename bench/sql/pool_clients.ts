// A process of its own with many clients of the pooler: connects them all, works when told to, reports what they saw.
import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import { parseDsn } from '../../exporter/src/config/dsn.ts';
import { openClient } from '../../exporter/src/db/connect.ts';

export interface Order {
  /** One client for each. */
  readonly urls: readonly string[];
  readonly seconds: number;
}

/** Milliseconds, one for each transaction. */
export interface Findings {
  readonly connected: number;
  /** Until the first answer: what a client waits for a server connection, and the statement itself. */
  readonly waits: readonly number[];
  /** The whole transaction, without what the client itself did in it. */
  readonly latencies: readonly number[];
  readonly errors: readonly string[];
}

const AT_ONCE = 40;
const THINK_MS = [400, 1000] as const;
/** What an application does between two statements of a transaction, with the server connection in its hands. */
const HOLD_MS = [100, 200] as const;
const ROWS = 10_000;

const between = ([low, high]: readonly [number, number]): number => low + Math.random() * (high - low);
const row = (): number => 1 + Math.floor(Math.random() * ROWS);

const waits: number[] = [];
const latencies: number[] = [];
const errors: string[] = [];

async function read(client: pg.Client): Promise<void> {
  const began = performance.now();
  await client.query('select n from visits where id = $1', [row()]);
  const took = performance.now() - began;
  waits.push(took);
  latencies.push(took);
}

async function write(client: pg.Client): Promise<void> {
  const began = performance.now();
  await client.query('begin');
  waits.push(performance.now() - began);
  await client.query('select n from visits where id = $1', [row()]);
  const held = performance.now();
  await setTimeout(between(HOLD_MS));
  const back = performance.now();
  await client.query('update visits set n = n + 1 where id = $1', [row()]);
  await client.query('commit');
  latencies.push(performance.now() - began - (back - held));
}

async function work(client: pg.Client, until: number): Promise<void> {
  // They don't all begin in the same moment.
  await setTimeout(between([0, THINK_MS[1]]));
  while (performance.now() < until) {
    try {
      await (Math.random() < 0.8 ? read(client) : write(client));
    } catch (error) {
      errors.push((error as Error).message);
      return;
    }
    await setTimeout(between(THINK_MS));
  }
}

async function connectAll(urls: readonly string[]): Promise<pg.Client[]> {
  const clients: pg.Client[] = [];
  const left = [...urls];
  const connect = async (): Promise<void> => {
    for (let url = left.pop(); url !== undefined; url = left.pop()) {
      try {
        clients.push((await openClient(parseDsn(url, { env: {} }), {})).client);
      } catch (error) {
        errors.push(`connect: ${(error as Error).message}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, connect));
  return clients;
}

process.once('message', (order: Order) => {
  void connectAll(order.urls).then((clients) => {
    process.once('message', () => {
      const until = performance.now() + order.seconds * 1000;
      void Promise.all(clients.map((client) => work(client, until))).then(async () => {
        await Promise.allSettled(clients.map((client) => client.end()));
        const findings: Findings = { connected: clients.length, waits, latencies, errors };
        process.send!(findings, undefined, undefined, () => process.disconnect());
      });
    });
    process.send!('connected');
  });
});
