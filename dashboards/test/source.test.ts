import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileText } from '../src/generate.ts';
import { boards } from '../src/index.ts';
import { boards as written, files, FOLDER, type PanelJson, panels } from './support/boards.ts';

test.each(boards.map((board) => [board.uid, board] as const))(
  '%s.json says what its source says (npm run generate)',
  (uid, board) => {
    expect(readFileSync(join(FOLDER, `${uid}.json`), 'utf8')).toBe(fileText(board));
  },
);

test('there is no board without a source, and no address or title twice', () => {
  expect(files.toSorted()).toEqual(boards.map(({ uid }) => `${uid}.json`).toSorted());
  expect(new Set(boards.map(({ title }) => title)).size).toBe(boards.length);
});

test.each(written.map((board) => [board.uid, board] as const))('%s: each panel has a number of its own', (_, board) => {
  const ids = board.panels.map(({ id }) => id);
  expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
  expect(ids.filter((id) => !Number.isInteger(id) || id < 1)).toEqual([]);
});

test.each(written.map((board) => [board.uid, board] as const))(
  '%s: panels stand within the grid, none upon another',
  (_, board) => {
    const overlap = (a: PanelJson, b: PanelJson): boolean => {
      const [p, q] = [a.gridPos, b.gridPos];
      return p.x < q.x + q.w && q.x < p.x + p.w && p.y < q.y + q.h && q.y < p.y + p.h;
    };
    const clashes = board.panels.flatMap((a, i) =>
      board.panels
        .slice(i + 1)
        .filter((b) => overlap(a, b))
        .map((b) => `${a.title} and ${b.title}`),
    );
    expect(clashes).toEqual([]);
    expect(board.panels.filter(({ gridPos: { x, w } }) => x < 0 || x + w > 24).map(({ title }) => title)).toEqual([]);
  },
);

/** Where a panel is cut, on a screen of 1600 pixels, the smallest are 250 wide. */
const LONGEST_TITLE = { stat: 24, other: 45 };

test('titles fit, and no two panels of a board have the same question with the same answer', () => {
  const long = panels.filter(
    ({ panel: { type, title } }) => title.length > (type === 'stat' ? LONGEST_TITLE.stat : LONGEST_TITLE.other),
  );
  expect(long.map(({ at }) => at)).toEqual([]);
  const seen = new Map<string, string>();
  const twice = panels.flatMap(({ at, board, panel }) => {
    const key = JSON.stringify([
      board.uid,
      panel.type,
      panel.targets?.map(({ expr }) => expr),
      panel.type.startsWith('pgvigil') && panel.id,
    ]);
    const before = seen.get(key);
    seen.set(key, at);
    return before === undefined ? [] : [`${before} and ${at}`];
  });
  expect(twice).toEqual([]);
});

test('every board can be left for the others, for the app and for the runbooks, with its window', () => {
  for (const file of files) {
    const { links } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as {
      links: { type: string; tags: string[]; url: string; keepTime: boolean; includeVars: boolean }[];
    };
    expect(links.find(({ type }) => type === 'dashboards')).toMatchObject({
      tags: ['pgvigil'],
      keepTime: true,
      includeVars: true,
    });
    expect(links.filter(({ type }) => type === 'link').map(({ url }) => url.split('/').at(-1))).toEqual([
      'queries',
      'activity',
      'maintenance',
      'benchmarks',
      'runbooks',
    ]);
    expect(links.every(({ keepTime }) => keepTime)).toBe(true);
  }
});
