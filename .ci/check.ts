// Everything that needs no server: types, lint, formatting, import rules, metric names, deployment. All are run, then the verdict.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const bin = (path: string): string => join(root, 'node_modules', path);

/** Tests that start nothing. */
const STATIC = [
  'exporter/test/static',
  'demo/native/static',
  'dashboards/test/(alerts|lint|series|source)',
  'alerts/test/(lint|promql|rules|timeline)',
];

const CHECKS: readonly (readonly [name: string, program: string, args: readonly string[]])[] = [
  ['types', bin('typescript/bin/tsc'), ['-p', 'tsconfig.json']],
  ['types of the app', bin('typescript/bin/tsc'), ['-p', 'plugin']],
  ['types of its browser tests', bin('typescript/bin/tsc'), ['-p', 'plugin/e2e']],
  ['types of the preview', bin('typescript/bin/tsc'), ['-p', 'plugin/preview/host']],
  ['lint', bin('eslint/bin/eslint.js'), ['--max-warnings=0', '.']],
  ['formatting', bin('prettier/bin/prettier.cjs'), ['--check', '--log-level=warn', '.']],
  ['import rules, metric names, rules, boards, docker-compose.yml', bin('jest/bin/jest.js'), ['--silent', ...STATIC]],
];

const failed = CHECKS.filter(([name, program, args]) => {
  console.log(`— ${name}`);
  return spawnSync(process.execPath, [program, ...args], { cwd: root, stdio: 'inherit' }).status !== 0;
});
console.log(failed.length === 0 ? 'All clean.' : `Not clean: ${failed.map(([name]) => name).join(', ')}.`);
process.exit(failed.length === 0 ? 0 : 1);
