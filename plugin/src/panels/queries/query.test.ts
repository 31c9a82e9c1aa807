import { DEFAULTS } from './options';
import { queryOf } from './query';

const WINDOW = { from: '2026-11-23T09:00:00.000Z', to: '2026-11-23T10:00:00.000Z' };
const fill = (text: string) => text.replace('$target', 'shop').replace('${db}', 'we"ird 🎵');

it('asks for the dashboard’s window with its variables filled in', () => {
  const options = { ...DEFAULTS, target: '$target', database: '${db}', limit: 5, sort: 'mean' };
  expect(queryOf(options, WINDOW, fill)).toEqual({
    target: 'shop',
    database: 'we"ird 🎵',
    ...WINDOW,
    sort: 'mean',
    order: 'desc',
    page: 1,
    pageSize: 5,
  });
});
it('leaves open what is not chosen', () => {
  expect(queryOf({ ...DEFAULTS, target: ' ' }, WINDOW, fill)).toMatchObject({ target: undefined, database: undefined });
});
it.each([
  [0, 10],
  [-3, 1],
  [1e9, 100],
  [Number.NaN, 10],
])('a limit of %p lists %p', (limit, size) => {
  expect(queryOf({ ...DEFAULTS, limit }, WINDOW, fill).pageSize).toBe(size);
});
