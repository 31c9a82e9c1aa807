/** What is measured, on which server, beside whom. */
import type { PostgresServer } from '../demo/servers/index.ts';
import { compared, printCollectors, printDefaults, printFamilies, real } from './comparison.ts';
import { BIG, createBig, FILES_PER_TABLE, SMALL, startServer, TABLES } from './databases.ts';
import { longestTurn } from './longest_turn.ts';
import { BIG_PACE, observe, type Pace, SMALL_PACE } from './observe.ts';
import { type Measure, measuresTable } from './report.ts';
import { type Build, type Families, startAlike, startPeer011, startPeer020, startReal } from './subjects.ts';
import type { Subject, Where } from './subjects.ts';
import { twoScrapers } from './two_scrapers.ts';

export interface Options {
  readonly build: Build;
  /** Part of the names of the scenarios to run; empty: all. */
  readonly only: string;
  /** The program of a current postgres_exporter. */
  readonly currentPeer?: string;
}

interface Scenario {
  readonly name: string;
  readonly database: string;
  readonly families: Families;
  readonly pace: Pace;
  readonly startPeer: (where: Where) => Promise<Subject>;
}

/** First without, then with the database of 5,000 tables on the server. */
interface Plan {
  readonly major: 15 | 17;
  readonly alone: readonly Scenario[];
  readonly besideBig: readonly Scenario[];
}

function plans({ currentPeer }: Options): Plan[] {
  const old = {
    families: '0.11' as const,
    startPeer: (where: Where) => startPeer011(where, false),
  };
  const small = { database: SMALL, pace: SMALL_PACE };
  const with011: Plan = {
    major: 15,
    alone: [{ name: 'small/0.11', ...small, ...old }],
    besideBig: [
      { name: 'neighbour/0.11', ...small, ...old },
      {
        name: 'big/0.11',
        database: BIG,
        pace: BIG_PACE,
        families: '0.11 with table queries',
        startPeer: (where) => startPeer011(where, true),
      },
    ],
  };
  if (!currentPeer) {
    console.log('PEER_EXPORTER names no current postgres_exporter: only the scenarios beside 0.11.1 are run.');
    return [with011];
  }
  const current = { families: '0.20' as const, startPeer: (where: Where) => startPeer020(currentPeer, where) };
  const with020: Plan = {
    major: 17,
    alone: [{ name: 'small/0.20', ...small, ...current }],
    besideBig: [
      { name: 'neighbour/0.20', ...small, ...current },
      { name: 'big/0.20', database: BIG, pace: BIG_PACE, ...current },
    ],
  };
  return [with011, with020];
}

export async function runScenarios(options: Options): Promise<Measure[]> {
  const measures: Measure[] = [];
  const wanted = ({ name }: { name: string }): boolean => name.includes(options.only);
  for (const plan of plans(options)) {
    const alone = plan.alone.filter(wanted);
    const besideBig = plan.besideBig.filter(wanted);
    const two = plan.major === 15 && wanted({ name: 'two scrapers' });
    if (alone.length + besideBig.length === 0 && !two) continue;
    const postgres = await startServer(plan.major);
    try {
      for (const scenario of alone) measures.push(...(await run(scenario, postgres, options.build)));
      if (two) measures.push(...(await section('two scrapers', () => twoScrapers(options.build, postgres))));
      if (besideBig.length === 0) continue;
      console.log(
        `\nCreating ${TABLES} tables (${TABLES * FILES_PER_TABLE} files) on PostgreSQL ${postgres.version} …`,
      );
      await createBig(postgres);
      for (const scenario of besideBig) measures.push(...(await run(scenario, postgres, options.build)));
    } finally {
      await postgres.stop('immediate');
    }
  }
  return measures;
}

async function section(title: string, work: () => Promise<Measure[]>): Promise<Measure[]> {
  console.log(`\n== ${title}\n`);
  const measures = await work();
  console.log(measuresTable(measures));
  return measures;
}

function run(scenario: Scenario, postgres: PostgresServer, build: Build): Promise<Measure[]> {
  const where = { postgres, database: scenario.database };
  return section(`${scenario.name} on PostgreSQL ${postgres.version}`, async () => {
    const [ours, peer] = await started(
      [() => startAlike(build, where, scenario.families), () => scenario.startPeer(where)],
      (subjects) => observe(postgres, subjects, scenario.pace),
    );
    printFamilies(ours, peer);
    printCollectors('Database time of our collectors, per scrape', ours.collectorMs);
    // Scrapes come faster here than in life, where one Prometheus never meets its own last collection.
    const args = [`--compat=${scenario.families.slice(0, 4)}`, '--scrape.share-seconds=0'];
    const [defaults] = await started([() => startReal(build, where, args)], (subjects) =>
      observe(postgres, subjects, scenario.pace),
    );
    printDefaults(defaults);
    const turn = await longestTurn(scenario.name, build, where, scenario.families);
    return [...compared(scenario.name, ours, peer), turn, ...real(scenario.name, defaults)];
  });
}

/** Starts the subjects, uses and stops them. */
async function started<T>(
  starts: readonly (() => Promise<Subject>)[],
  use: (subjects: Subject[]) => Promise<T>,
): Promise<T> {
  const subjects: Subject[] = [];
  try {
    for (const start of starts) subjects.push(await start());
    return await use(subjects);
  } finally {
    for (const subject of subjects) await subject.stop();
  }
}
