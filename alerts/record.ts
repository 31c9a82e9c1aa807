/**
 * `npm run record [-- name…]`: makes each fault on real servers and writes down what Prometheus saw of it, in
 * alerts/recorded. Without names: all of them.
 */
import { setTimeout } from 'node:timers/promises';
import { SYSTEM_IDENTIFIER } from './faults/availability.ts';
import { fleets } from './faults/fleets.ts';
import { faults } from './faults/index.ts';
import type { Fault } from './faults/types.ts';
import { namesIn } from './lib/catalogue.ts';
import { type Lab, startLab, untilSteady } from './lib/lab/lab.ts';
import { untilCaughtUp } from './lib/lab/deeds.ts';
import { seen } from './lib/lab/prometheus.ts';
import type { TopologyName } from './lib/lab/topologies.ts';
import { type Series, writeRecording } from './lib/recording.ts';
import { loadRules, type Rule, scrapedNames } from './lib/rules.ts';

/** Scrapes, unless the fault wants more. */
const SCRAPES = [4, 8, 4] as const;
const FLEET_SCRAPES = 8;
const ATTEMPTS = 3;

interface Job {
  readonly name: string;
  readonly topology: TopologyName;
  readonly ruins?: true;
  readonly record: (lab: Lab) => Promise<void>;
  /** Undoes what was done before a recording failed. */
  readonly repair?: (lab: Lab) => Promise<unknown>;
}

const rules = loadRules();

/** Those of the expressions, and of the queries in annotations. */
const namesOf = (some: readonly Rule[]): string[] => [
  ...new Set([
    ...scrapedNames(some, rules),
    ...some.flatMap((rule) => (rule.kind === 'alert' ? Object.values(rule.annotations).flatMap(namesIn) : [])),
  ]),
];

/** The next moment that is whole intervals away from `start`. */
const nextScrape = async (start: number, { prometheus: { interval } }: Lab): Promise<number> => {
  const moment = start + (Math.floor((Date.now() / 1000 - start) / interval) + 1) * interval;
  await waitUntil(moment);
  return moment;
};

const waitUntil = async (second: number): Promise<void> => {
  await setTimeout(Math.max(0, second * 1000 - Date.now()));
};

/** Ports and identifiers differ with each start: in a recording they are the usual ones. */
async function normaliser({ nodes, primary }: Lab): Promise<(value: string) => string> {
  const [{ id }] = await primary.query<{ id: string }>('select system_identifier::text as id from pg_control_system()');
  const usual = new Map([[id, SYSTEM_IDENTIFIER]]);
  nodes.forEach(({ postgres, bouncer }, index) => {
    usual.set(String(postgres.port), String(5432 + index));
    if (bouncer) usual.set(String(bouncer.port), '6432');
  });
  const pattern = new RegExp(`(?<!\\d)(${[...usual.keys()].join('|')})(?!\\d)`, 'g');
  return (value) => value.replace(pattern, (found) => usual.get(found)!);
}

interface Wanted {
  readonly name: string;
  readonly start: number;
  readonly scrapes: readonly number[];
  readonly names: readonly string[];
  /** Only of this one. */
  readonly instance?: string;
  /** The fault is that nothing is scraped. */
  readonly unscraped?: true;
}

async function write(lab: Lab, { name, start, scrapes, names, instance, unscraped }: Wanted): Promise<void> {
  const normal = await normaliser(lab);
  const { interval } = lab.prometheus;
  const end = start + (scrapes.reduce((sum, count) => sum + count, 0) - 1) * interval;
  // The last scrape has to arrive.
  await waitUntil(end + 2 * interval);
  const all = await seen(lab.prometheus, names, start, end);
  const series = all
    .filter(({ labels }) => instance === undefined || labels.instance === instance)
    .map(({ labels: { __name__: metric, ...labels }, samples }): Series => {
      let from = 0;
      const phases = scrapes.map((count) => samples.slice(from, (from += count)));
      return {
        metric,
        labels: Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, normal(value)])),
        phases,
      };
    });
  const late = series.filter(({ metric, phases }) => metric === 'up' && phases.flat().some((value) => value !== 1));
  if (late.length > 0 && !unscraped) throw new Error('a scrape took too long');
  writeRecording({ name, start, interval, scrapes, series });
}

async function recordFault(lab: Lab, fault: Fault, area: string): Promise<void> {
  const wanted = fault.scrapes ?? SCRAPES;
  const { interval } = lab.prometheus;
  if (fault.prepare) {
    await fault.prepare(lab);
    // Not as a change in the healthy phase.
    await waitUntil(Date.now() / 1000 + 2 * interval);
  }
  const start = await nextScrape(0, lab);
  const bounds: number[] = [start, start + wanted[0] * interval];
  await waitUntil(bounds[1]);
  await fault.make(lab);
  await waitUntil(bounds[1] + wanted[1] * interval);
  if (fault.repair) {
    bounds.push(await nextScrape(start, lab));
    await lab.tidy();
    await fault.repair(lab);
    await waitUntil(bounds[2] + wanted[2] * interval);
  }
  bounds.push(await nextScrape(start, lab));
  const scrapes = bounds.slice(1).map((bound, index) => (bound - bounds[index]) / interval);
  const own = rules.filter((rule) => rule.area === area);
  const names = [...namesOf(own), 'up'];
  await write(lab, { name: fault.name, start, scrapes, names, unscraped: fault.unscraped });
}

const jobs: Job[] = [
  ...fleets.map(
    ({ name, topology, idle, instance }): Job => ({
      name,
      topology,
      record: async (lab) => {
        if (idle) await lab.stopLoad();
        const start = await nextScrape(0, lab);
        await write(lab, { name, start, scrapes: [FLEET_SCRAPES, 0, 0], names: namesOf(rules), instance });
      },
    }),
  ),
  ...Object.entries(faults).flatMap(([area, list]) =>
    list.map(
      (fault): Job => ({
        name: fault.name,
        topology: fault.topology,
        ruins: fault.ruins,
        record: (lab) => recordFault(lab, fault, area),
        repair: fault.repair,
      }),
    ),
  ),
];

/** Tries again when this machine was too busy; a fault that was not repaired leaves nothing to try on. */
async function record(lab: Lab, job: Job): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await lab.startLoad();
    await untilSteady(lab);
    await untilCaughtUp(lab);
    console.log(`${job.name} …`);
    try {
      await job.record(lab);
      return;
    } catch (error) {
      if (attempt === ATTEMPTS || job.ruins) throw error;
      console.log(`${job.name}: ${(error as Error).message}; once more`);
      await lab.tidy();
      // What was repaired already cannot be repaired again.
      await job.repair?.(lab).catch(() => undefined);
    } finally {
      await lab.tidy();
    }
  }
}

async function inOneLab(topology: TopologyName, some: readonly Job[]): Promise<void> {
  if (some.length === 0) return;
  const lab = await startLab(topology);
  try {
    for (const [at, job] of some.entries()) {
      try {
        await record(lab, job);
      } catch (error) {
        console.log(`${job.name}: ${(error as Error).message}; given up, and the servers with it`);
        process.exitCode = 1;
        // Who knows in what state they are.
        await lab.stop();
        return await inOneLab(topology, some.slice(at + 1));
      }
    }
  } finally {
    await lab.stop();
  }
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !jobs.some((job) => job.name === name));
if (unknown.length > 0) throw new Error(`no fault or fleet is called ${unknown.join(' or ')}`);
// In the order in which they were asked for.
const chosen = asked.length === 0 ? jobs : asked.map((name) => jobs.find((job) => job.name === name)!);
for (const [topology, some] of Map.groupBy(chosen, (job) => job.topology)) {
  const lasting = some.filter(({ ruins }) => !ruins);
  await inOneLab(topology, lasting);
  for (const job of some) if (job.ruins) await inOneLab(topology, [job]);
}
