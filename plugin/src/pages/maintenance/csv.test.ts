import { toCsv } from './csv';

it('quotes what needs it', () => {
  expect(toCsv(['a', 'b'], [['x, "y"', 'two\nlines']])).toBe('a,b\r\n"x, ""y""","two\nlines"\r\n');
});

it.each(['=1+1', '+1', '-1', '@x', '\tx'])('a spreadsheet does not run %p', (text) => {
  expect(toCsv(['a'], [[text]])).toContain(`'${text}`);
});
