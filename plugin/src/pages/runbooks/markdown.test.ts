import { partsOf, pathOf } from './markdown';

const RUNBOOK = `# PostgresDown

1. Look:

   \`\`\`sql 16+
   select 1;
     -- deeper
   \`\`\`

   It says:

\`\`\`text
one
\`\`\`
2. Act.
`;

test('prose and blocks come in their order, blocks without the indent of their list', () => {
  expect(partsOf(RUNBOOK).map(({ kind, language, text }) => [kind, language, text.trim()])).toEqual([
    ['text', '', '# PostgresDown\n\n1. Look:'],
    ['code', 'sql', 'select 1;\n  -- deeper'],
    ['text', '', 'It says:'],
    ['code', 'text', 'one'],
    ['text', '', '2. Act.'],
  ]);
});

test('a fence that is never closed stays prose: nothing is swallowed', () => {
  expect(partsOf('before\n```sql\nselect 1').map(({ kind }) => kind)).toEqual(['text']);
});

test('nested lists keep their indent', () => {
  expect(partsOf('- a\n  - b\n  c')[0].text).toBe('- a\n  - b\nc');
});

test('links between runbooks and into Grafana stay in it, others lead out', () => {
  const path = (href: string) => pathOf(href, '/a/app');
  expect(path('PgBouncerDown.md')).toBe('/a/app/runbooks/PgBouncerDown');
  expect(path('PgBouncerDown.md#verify')).toBe('/a/app/runbooks/PgBouncerDown');
  expect(path('/d/pgvigil-wal')).toBe('/d/pgvigil-wal');
  expect(path('https://www.postgresql.org/docs/')).toBeUndefined();
});
