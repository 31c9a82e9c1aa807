/** Runbooks, against the rules that name them, and against the servers on which their commands are run. */
import { POSTGRES_MAJORS, ServerUnavailable } from '../../demo/servers/index.ts';
import { loadParser, tryParse } from '../../exporter/src/statements/parser.ts';
import { parse as parsePromql } from '../lib/promql.ts';
import { alertsOf, loadRules } from '../lib/rules.ts';
import { type Fence, loadRunbooks, readRunbook } from './runbooks/document.ts';
import { quantities, unsaid } from './runbooks/quantities.ts';
import { consoleCommands, isFor, runShow, runSql } from './runbooks/servers.ts';

const HEADINGS = ['Meaning', 'Impact', 'Diagnosis', 'Mitigation', 'Verify', 'Undo', 'Versions and managed services'];

/** Where SQL is only looked at: it is run as it stands. Elsewhere it changes something, and is parsed. */
const LOOKING = ['Diagnosis', 'Verify'];

/** What may stand behind the language of a fence. */
const FENCES: Readonly<Record<string, RegExp>> = {
  sql: /^(1[4-8]\+|-1[4-8]|pgvigil|musicdb)$/,
  pgbouncer: /^1\.\d+\+$/,
  promql: /^$/,
  text: /^$/,
  sh: /^$/,
  ini: /^$/,
  yaml: /^$/,
};

const BOARDS = [
  'database-performance',
  ...['connections', 'queries', 'locks', 'tables', 'wal', 'replication', 'ingestion', 'exporter'].map(
    (board) => `pgvigil-${board}`,
  ),
];

const CONSOLE =
  /^(show \w+|(pause|resume|disable|enable|reconnect|kill|wait_close)( \w+)?|reload|suspend|shutdown( wait_for_(clients|servers))?|kill_client \w+|set \w+ = .+)$/i;

const runbooks = loadRunbooks();
const alerts = alertsOf(loadRules());
const fences = runbooks.flatMap((runbook) => runbook.fences);
const at = ({ file, line }: { file: string; line: number }, problem: string): string => `${file}:${line}: ${problem}`;

test('every alert has its runbook, and every runbook its alert', () => {
  const names = [...new Set(alerts.map(({ name }) => name))].sort();
  const there = runbooks.map(({ alert }) => alert);
  expect({
    missing: names.filter((name) => !there.includes(name)),
    withoutAlert: there.filter((name) => !names.includes(name)),
  }).toEqual({ missing: [], withoutAlert: [] });
  for (const { name, annotations } of alerts) {
    expect(annotations.runbook_url).toBe(`{{ $externalLabels.grafana_url }}/a/pgvigil-database-app/runbooks/${name}`);
  }
});

test('all have the same sections in the same order, and are short', () => {
  const problems = runbooks.flatMap(({ file, alert, title, quote, headings, prose, lines, problems: unread }) => [
    ...unread,
    ...(title === alert ? [] : [`${file}: its title is "${title}"`]),
    ...(headings.join() === HEADINGS.join() ? [] : [`${file}: its headings are ${headings.join(', ')}`]),
    ...(quote === '' ? [`${file}: no quote below the title`] : []),
    ...(lines >= 25 && lines <= 100 ? [] : [`${file}: ${lines} lines`]),
    ...HEADINGS.filter((heading) => !prose.some(({ section, text }) => section === heading && text.trim() !== '')).map(
      (heading) => `${file}: nothing under ${heading}`,
    ),
  ]);
  expect(problems).toEqual([]);
});

test('each step of a mitigation says who may do it, what it locks and what it risks', () => {
  const problems = runbooks.flatMap(({ file, prose }) => {
    const own = prose.filter(({ section }) => section === 'Mitigation');
    const told = own.filter(({ text }) => /\bRole: .*\S · Lock: .*\S · Risk: \S/.test(text));
    const broken = own.filter((line) => /\bRole: /.test(line.text) && !told.includes(line));
    const steps = own.filter(({ text }) => /^\d+\. /.test(text)).length;
    return [
      ...broken.map(({ line }) => at({ file, line }, 'not "Role: … · Lock: … · Risk: …" on one line')),
      ...(told.length >= Math.max(steps, 1)
        ? []
        : [`${file}: ${steps} steps, ${told.length} with their role and lock`]),
    ];
  });
  expect(problems).toEqual([]);
});

test('the quote names the severities and numbers of the rules', () => {
  const problems = runbooks.flatMap(({ file, alert, quote }) =>
    alerts
      .filter(({ name }) => name === alert)
      .flatMap((rule) => [
        ...(new RegExp(`\\b${rule.labels.severity}\\b`, 'i').test(quote)
          ? []
          : [`${file}: not said: ${rule.labels.severity}`]),
        ...unsaid(quote, rule).map((what) => `${file}: not said (${rule.labels.severity}): ${what}`),
      ]),
  );
  expect(problems).toEqual([]);
});

test('every link leads somewhere', () => {
  const known = runbooks.map(({ file }) => file);
  const app = /^\/a\/pgvigil-database-app\/(queries|activity|maintenance)(\?[\w=&-]*)?$/;
  const leads = (link: string): boolean =>
    known.includes(link) ||
    app.test(link) ||
    BOARDS.some((board) => link === `/d/${board}` || link.startsWith(`/d/${board}?`)) ||
    /^https:\/\/www\.(postgresql\.org\/docs|pgbouncer\.org)\//.test(link);
  const problems = runbooks.flatMap(({ file, prose, fences: own }) => [
    ...prose.flatMap(({ line, text }) => {
      const links = [...text.matchAll(/\]\(([^)]*)\)/g), ...text.matchAll(/(?<!\]\()(https?:[^\s)>`]*)/g)];
      return links.flatMap(([, link]) => (leads(link) ? [] : [at({ file, line }, `leads nowhere: ${link}`)]));
    }),
    ...own.flatMap(({ line, text }) =>
      [...text.matchAll(/https?:\/\/([^\s/:]+)/g)].flatMap(([, host]) =>
        /^(localhost|127\.0\.0\.1|.*\.example)$/.test(host) ? [] : [at({ file, line }, `a host: ${host}`)],
      ),
    ),
  ]);
  expect(problems).toEqual([]);
});

test('every fence says what it is, and what is not run can be read', async () => {
  await loadParser();
  const wrong = (fence: Fence): string[] => {
    const { language, words, section, text } = fence;
    if (!(language in FENCES)) return [`not a language that is known here: "${language}"`];
    const unknown = words.filter((word) => !FENCES[language].test(word)).map((word) => `not known: "${word}"`);
    if (text.trim() === '') return [...unknown, 'it is empty'];
    if (language === 'sql' && !LOOKING.includes(section)) {
      const parsed = tryParse(text);
      return 'problem' in parsed ? [...unknown, parsed.problem] : unknown;
    }
    if (language === 'pgbouncer') {
      const commands = consoleCommands(fence).filter((command) => !CONSOLE.test(command));
      return [...unknown, ...commands.map((command) => `PgBouncer has no ${command}`)];
    }
    if (language !== 'promql') return unknown;
    try {
      parsePromql(text);
      return unknown;
    } catch (error) {
      return [...unknown, (error as Error).message];
    }
  };
  expect(fences.flatMap((fence) => wrong(fence).map((problem) => at(fence, problem)))).toEqual([]);
});

test.each(POSTGRES_MAJORS)('what is to be looked at can be looked at, on PostgreSQL %i', async (major) => {
  const looking = fences.filter(({ language, section }) => language === 'sql' && LOOKING.includes(section));
  expect(await runSql(major, looking)).toEqual([]);
});

test.each(['debian12', 'newer'] as const)('PgBouncer (%s) shows what is to be looked at', async (version) => {
  const shows = fences.filter(({ language }) => language === 'pgbouncer');
  try {
    expect(await runShow(version, shows)).toEqual([]);
  } catch (error) {
    if (!(error instanceof ServerUnavailable)) throw error;
    process.stderr.write(`skipped: ${error.message}\n`);
  }
});

test('numbers are read with their units', () => {
  expect(quantities('warning at 80 % for 5 minutes, critical above 20,000 rows for 2')).toEqual(
    expect.arrayContaining([0.8, 300, 20_000, 120]),
  );
  expect(quantities('more than one, 500 GiB, a minute, an index, 50 ms, two hours')).toEqual([
    1,
    500 * 1024 ** 3,
    60,
    0.05,
    7200,
  ]);
  const [rule] = alerts.filter(({ name }) => name === 'PostgresDatabaseSizeHigh');
  expect(unsaid('more than 500 GiB for 15 minutes', rule)).toEqual([]);
  expect(unsaid('more than 50 GiB for 5 minutes', rule)).toEqual(['threshold > 536870912000', 'for 900 s']);
});

test('a runbook is read with its lines', () => {
  const lines = [
    '# A',
    '',
    '> one',
    '> two',
    '## Meaning',
    '1. look',
    '   ```sql 16+ pgvigil',
    '   select 1',
    '   ```',
  ];
  const read = readRunbook('A.md', `${lines.join('\n')}\n`);
  expect(read).toMatchObject({
    alert: 'A',
    title: 'A',
    quote: 'one two',
    headings: ['Meaning'],
    lines: 9,
    problems: [],
  });
  const [fence] = read.fences;
  expect(fence).toMatchObject({ line: 7, section: 'Meaning', language: 'sql', text: 'select 1' });
  expect([15, 16, 17].map((major) => isFor(fence, major))).toEqual([false, true, true]);
  expect([16, 17].map((major) => isFor({ ...fence, words: ['-16'] }, major))).toEqual([true, false]);
});
