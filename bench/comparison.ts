/** Observations become measures with goals. */
import { collectors } from '../exporter/src/collectors/index.ts';
import { declaredMetrics } from '../exporter/src/metrics/compile.ts';
import type { Observed } from './observe.ts';
import { type Goal, type Measure, measure, number, oursAtMost, ratioAtMost, table } from './report.ts';
import { median, sum } from './statistics.ts';

interface Goals {
  readonly wall: Goal;
  readonly cpu?: Goal;
  readonly rss?: Goal;
  readonly statements?: Goal;
  readonly connections?: Goal;
  readonly database?: Goal;
}

const SMALL: Goals = {
  wall: ratioAtMost(1),
  statements: ratioAtMost(1),
  connections: oursAtMost(0),
  database: ratioAtMost(1),
};
const GOALS: Readonly<Record<string, Goals>> = {
  'big/0.11': { wall: ratioAtMost(0.5), cpu: ratioAtMost(0.7), rss: ratioAtMost(1) },
  'big/0.20': { wall: ratioAtMost(0.33), cpu: ratioAtMost(0.4), rss: ratioAtMost(1) },
};

export function compared(scenario: string, ours: Observed, peer: Observed): Measure[] {
  const goals = GOALS[scenario] ?? SMALL;
  const both = (name: string, unit: string, of: (observed: Observed) => number | undefined, goal?: Goal): Measure =>
    measure(`${scenario}: ${name}`, unit, of(ours) ?? null, of(peer) ?? null, goal);
  return [
    both('wall p50', 'ms', ({ wallP50 }) => wallP50, goals.wall),
    both('wall p95', 'ms', ({ wallP95 }) => wallP95),
    both('CPU per scrape', 'ms', ({ cpuMs }) => cpuMs, goals.cpu),
    both('CPU per second between scrapes', 'ms', ({ idleCpuMs }) => idleCpuMs),
    both('resident memory after a scrape', 'MiB', ({ rss }) => rss, goals.rss),
    both('resident memory at most', 'MiB', ({ peakRss }) => peakRss),
    ...eventLoop(scenario, ours),
    both('statements per scrape', '', ({ cost }) => cost.statements, goals.statements),
    both('new connections per scrape', '', ({ cost }) => cost.connections, goals.connections),
    both('database time per scrape', 'ms', ({ cost }) => cost.databaseMs, goals.database),
    measure(`${scenario}: families of the peer that ours lacks`, '', lacking(ours, peer).length, null, oursAtMost(0)),
    both('samples', '', ({ content }) => content.samples),
    both('families', '', ({ content }) => content.families.size),
    both('text', 'bytes', ({ content }) => content.bytes),
    both('text as sent', 'bytes', ({ wireBytes }) => wireBytes),
  ];
}

/** A machine that has no CPU to give makes the loop late as well: so the goal is for the median, and the wait stands beside. */
function eventLoop(scenario: string, { loopMs, waitedMs }: Observed): Measure[] {
  const late = loopMs.length > 0 ? [median(loopMs), Math.max(...loopMs)] : [null, null];
  return [
    measure(`${scenario}: event loop late, median of the scrapes`, 'ms', late[0]),
    measure(`${scenario}: event loop late, worst scrape`, 'ms', late[1]),
    measure(`${scenario}: waiting for a CPU per scrape`, 'ms', waitedMs),
  ];
}

const background = collectors.filter((collector) => collector.background);
const backgroundNames = new Set(background.map(({ name }) => name));
const backgroundFamilies = new Set(background.flatMap(declaredMetrics).map(({ name }) => name));

/** Our defaults, beside the comparison. */
export function real(scenario: string, observed: Observed): Measure[] {
  const families = [...observed.content.families.keys()];
  const own = (name: string, unit: string, value: number): Measure =>
    measure(`${scenario}, our defaults: ${name}`, unit, value);
  return [
    own('wall p50', 'ms', observed.wallP50),
    own('CPU per scrape', 'ms', observed.cpuMs),
    own('resident memory after a scrape', 'MiB', observed.rss),
    ...eventLoop(`${scenario}, our defaults`, observed),
    own('statements per scrape', '', observed.cost.statements),
    own('new connections per scrape', '', observed.cost.connections),
    own('database time per scrape', 'ms', observed.cost.databaseMs),
    own('samples', '', observed.content.samples),
    own('families', '', families.length),
    own('families read in the scrape itself', '', families.filter((name) => !backgroundFamilies.has(name)).length),
  ];
}

/** What each exporter says about itself. */
const OWN = /^(go|process|promhttp|nodejs|pgvigil|postgres_exporter|pg_exporter|pg_scrape)_/;

const aboutServer = ({ content }: Observed): Map<string, number> =>
  new Map([...content.families].filter(([name]) => !OWN.test(name)));

const lacking = (ours: Observed, peer: Observed): string[] =>
  [...aboutServer(peer).keys()].filter((name) => !ours.content.families.has(name));

/** Whether the two serve the same: counts, and the names that only one has. */
export function printFamilies(ours: Observed, peer: Observed): void {
  const [a, b] = [aboutServer(ours), aboutServer(peer)];
  console.log(`Without what exporters say about themselves: ours ${said(a)}, peer ${said(b)}`);
  console.log(`  only ours: ${list([...a.keys()].filter((name) => !b.has(name)))}`);
  console.log(`  only peer: ${list(lacking(ours, peer))}`);
  const differing = [...a].filter(([name, samples]) => b.has(name) && b.get(name) !== samples);
  console.log(
    `  different samples: ${list(differing.map(([name, samples]) => `${name} ${samples}/${b.get(name)}`))}\n`,
  );
}

const said = (families: ReadonlyMap<string, number>): string =>
  `${number(sum([...families.values()]))} samples in ${families.size} families`;

function list(names: readonly string[]): string {
  const shown = names.slice(0, 30).join(', ');
  return names.length === 0 ? 'none' : names.length > 30 ? `${shown}, … (${names.length})` : shown;
}

/** What runs in the scrape per scrape, the rest per round. */
export function printDefaults({ collectorMs, warmUpMs }: Observed): void {
  const live = [...collectorMs].filter(([name]) => !backgroundNames.has(name));
  const rest = [...warmUpMs].filter(([name]) => backgroundNames.has(name));
  printCollectors(
    'With our defaults, per scrape (a part of it in other databases, apart from the scrape)',
    new Map(live),
  );
  printCollectors('One round of our background collectors, in all databases', new Map(rest));
}

/** The most expensive first; what is nothing is left out. */
export function printCollectors(title: string, collectorMs: ReadonlyMap<string, number>): void {
  const rows = [...collectorMs]
    .filter(([, ms]) => ms >= 0.005)
    .sort(([, a], [, b]) => b - a)
    .map(([collector, ms]) => [`  ${collector}`, ms.toFixed(2)]);
  console.log(`${title}: ${number(sum([...collectorMs.values()]))} ms\n`);
  console.log(`${table(['  collector', 'ms'], rows, ['ms'])}\n`);
}
