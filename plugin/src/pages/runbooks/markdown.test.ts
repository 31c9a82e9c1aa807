import { renderMarkdown } from '@grafana/data';
import { pathOf, prepare } from './markdown';

const RUNBOOK = `1. Stop it:
   \`select 1;\`
   Role: superuser · Lock: none · Risk: none
2. Or this:
   \`\`\`sql
   select 2;
   \`\`\`
   Role: owner · Lock: none · Risk: none

Role: nobody
`;

test('what a step takes stands on a line of its own, and the list stays one', () => {
  const box = document.createElement('div');
  box.innerHTML = renderMarkdown(prepare(RUNBOOK));
  expect(box.querySelectorAll('ol')).toHaveLength(1);
  const [first, second] = box.querySelectorAll('li');
  expect(first.querySelector('br')?.nextSibling?.textContent).toMatch(/^\s*Role: superuser/);
  expect(second.querySelector('pre code')?.className).toContain('sql');
  expect(second.querySelector('pre')?.textContent?.trim()).toBe('select 2;');
  expect(box.lastElementChild?.textContent).toBe('Role: nobody');
});

test('links between runbooks and into Grafana stay in it, others lead out', () => {
  const path = (href: string) => pathOf(href, '/a/app');
  expect(path('PgBouncerDown.md')).toBe('/a/app/runbooks/PgBouncerDown');
  expect(path('PgBouncerDown.md#verify')).toBe('/a/app/runbooks/PgBouncerDown');
  expect(path('/d/pgvigil-wal')).toBe('/d/pgvigil-wal');
  expect(path('https://www.postgresql.org/docs/')).toBeUndefined();
});
