import { join } from 'node:path';

// Tests start our programs hundreds of times; what Node made of their TypeScript is made once.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '.cache', 'compile');

/** Packages that ship ES modules only; Jest runs CommonJS. */
const ES_MODULES = ['pg-boss', 'serialize-error', 'non-error', 'rrule-temporal', 'cron-parser', '@js-temporal'];

/** @type {import('jest').Config} */
const servers = {
  displayName: 'servers',
  testEnvironment: 'node',
  roots: ['exporter/test', 'demo', 'plugin/preview', 'plugin/e2e', 'alerts', 'dashboards'].map(
    (at) => `<rootDir>/${at}`,
  ),
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: [],
  transform: {
    '^.+\\.(ts|mjs|js)$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${ES_MODULES.join('|')})/)`],
};

/** @type {import('jest').Config} */
export default {
  projects: [servers, '<rootDir>/plugin/jest.config.js'],
  // Servers start in seconds; a test that hangs must say so well before CI gives up.
  testTimeout: 120_000,
  // On two cores: a third of the time a test waits for a clock or a server.
  maxWorkers: 3,
};
