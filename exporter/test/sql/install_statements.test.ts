import { statementLines } from '../../src/sql/statements.ts';

test.each([
  ['select 1;\nselect 2;', [1, 2]],
  ['\n\n-- first;\nselect 1 -- more; text\n;;\n\nselect 2', [4, 7]],
  ["select 'a;''b;';\nselect E'\\';';\nselect 'a\\';\nselect 3", [1, 2, 3, 4]],
  ["select date'2026-01-01', 'x\\';\nselect 2", [1, 2]],
  ['select ";""";\nselect 2', [1, 2]],
  ['/* a; /* b; */ c; */ select 1;\nselect 2', [1, 2]],
  ['do $$ begin; end $$;\ndo $a$ $$;\n$$; $a$;\nselect 3', [1, 2, 4]],
  ['select $1;\nselect a$b$c;\nselect 3', [1, 2, 3]],
  ['create function f() begin atomic\n select 1;\n select case when true then 1 end;\nend;\nselect 2', [1, 5]],
  ['  ', []],
])('%j begins at lines %j', (text, lines) => {
  expect(statementLines(text)).toEqual(lines);
});
