/** Every family of the peers' lists, live: same name, same type, same labels, or a reason in a table here. */
import { Daemon, type PostgresMajor, type PostgresServer, run, tool } from '../../demo/servers/index.ts';
import { freePort } from '../../demo/servers/index.ts';
import { type Environment, startEnvironment } from './families/environment.ts';
import { type Difference, differences, type Excuse, type Fact, judge, Live, readFacts } from './families/facts.ts';
import { until } from './support/database.ts';
import { ask, startExporter } from './support/exporter.ts';
import type { Samples } from './support/exposition.ts';

const OPTIONAL = ['stat_activity_autovacuum', 'process_idle', 'buffercache_summary', 'stat_statements_query_id'];

const OTHER_PROGRAM: readonly Excuse[] = [];

interface List {
  readonly file: string;
  readonly major: PostgresMajor;
  readonly compat: string;
  readonly excuses: readonly Excuse[];
}

const LISTS: readonly List[] = [
  {
    file: 'postgres_exporter-0.11.1-debian12--pg15-default.tsv',
    major: 15,
    compat: '0.11',
    excuses: [...OTHER_PROGRAM],
  },
  {
    file: 'postgres_exporter-0.11.1-debian12--pg15-with-debian-example-queries.tsv',
    major: 15,
    compat: '0.11',
    excuses: [...OTHER_PROGRAM],
  },
  { file: 'postgres_exporter-0.19.1--pg15-default.tsv', major: 15, compat: '0.20', excuses: [...OTHER_PROGRAM] },
  { file: 'postgres_exporter-0.19.1--pg17-default.tsv', major: 17, compat: '0.20', excuses: [...OTHER_PROGRAM] },
  { file: 'postgres_exporter-0.19.1--pg17-all-collectors.tsv', major: 17, compat: '0.20', excuses: [...OTHER_PROGRAM] },
  {
    file: 'postgres_exporter-HEAD-dbb1987-2026-08-18--from-source.tsv',
    major: 17,
    compat: '0.20',
    excuses: [...OTHER_PROGRAM],
  },
  { file: 'postgres_exporter-0.19.1--pg18-default.tsv', major: 18, compat: '0.20', excuses: [...OTHER_PROGRAM] },
];

/** One scrape of the server by an exporter of its own, with every collector there is. */
async function scrape(server: PostgresServer, compat: string): Promise<{ text: string; samples: Samples }> {
  const exporter = await startExporter({
    args: [`--compat=${compat}`, ...OPTIONAL.map((name) => `--collector.${name}`)],
    env: { DATA_SOURCE_NAME: server.url('postgres', 'monitor') },
  });
  try {
    let answer = await exporter.scrape();
    await until('every collector has run', async () => {
      answer = await exporter.scrape();
      return answer.samples.series('pg_scrape_collector_success', { collector: 'user_table_sizes' }).length > 0;
    });
    expect(answer.samples.series('pg_scrape_collector_success').filter(({ value }) => value !== 1)).toEqual([]);
    return answer;
  } finally {
    await exporter.stop();
  }
}

describe.each([15, 17, 18] as const)('PostgreSQL %i', (major) => {
  let environment: Environment;
  const cache = new Map<string, Promise<{ text: string; samples: Samples }[]>>();

  const scrapes = (compat: string): Promise<{ text: string; samples: Samples }[]> => {
    const { primary, standby } = environment;
    const both = cache.get(compat) ?? Promise.all([primary, standby].map((server) => scrape(server, compat)));
    cache.set(compat, both);
    return both;
  };
  const live = async (compat: string): Promise<Live> =>
    new Live((await scrapes(compat)).map(({ samples }) => samples));

  beforeAll(async () => void (environment = await startEnvironment(major)));
  afterAll(() => environment?.stop());

  test.each(LISTS.filter((list) => list.major === major))('$file', async ({ file, compat, excuses }) => {
    expect(judge(differences(readFacts(file), await live(compat)), excuses)).toEqual({ new: [], stale: [] });
  });
});
