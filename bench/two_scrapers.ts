/** Two Prometheus servers on one exporter: what they cost the database (as ours), beside one alone (as peer). */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresServer } from '../demo/servers/index.ts';
import { SMALL } from './databases.ts';
import { type Measure, measure, ratioAtMost } from './report.ts';
import { Scraper } from './scrape.ts';
import { costBetween, type ServerCost, serverCost } from './server_cost.ts';
import { type Build, startPeer011, startReal, type Subject } from './subjects.ts';

const WARM_UPS = 2;
const ROUNDS = 10;
/** Longer than a collection is shared. */
const ROUND_MS = 1300;
const OFFSET_MS = 200;

export async function twoScrapers(build: Build, postgres: PostgresServer): Promise<Measure[]> {
  const where = { postgres, database: SMALL };
  const measures: Measure[] = [];
  const subjects = [
    { name: 'our defaults', start: () => startReal(build, where), goal: ratioAtMost(1.05) },
    { name: 'postgres_exporter 0.11', start: () => startPeer011(where, false), goal: undefined },
  ];
  for (const { name, start, goal } of subjects) {
    const subject = await start();
    try {
      const [one, two] = [await cost(postgres, subject, 1), await cost(postgres, subject, 2)];
      const title = `two scrapers beside one, ${name}`;
      measures.push(measure(`${title}: statements`, '', two.statements, one.statements, goal));
      measures.push(measure(`${title}: database time`, 'ms', two.databaseMs, one.databaseMs));
    } finally {
      await subject.stop();
    }
  }
  return measures;
}

/** Per round. */
async function cost(postgres: PostgresServer, subject: Subject, scrapers: number): Promise<ServerCost> {
  const clients = Array.from({ length: scrapers }, () => new Scraper(subject.url));
  const round = (): Promise<unknown> =>
    Promise.all([
      sleep(ROUND_MS),
      ...clients.map(async (client, i) => {
        await sleep(i * OFFSET_MS);
        await client.scrape();
      }),
    ]);
  for (let i = 0; i < WARM_UPS; i++) await round();
  const before = await serverCost(postgres, subject.role);
  for (let i = 0; i < ROUNDS; i++) await round();
  const after = await serverCost(postgres, subject.role);
  for (const client of clients) client.close();
  return costBetween(before, after, ROUNDS);
}
