// force timezone to UTC to allow tests to work regardless of local timezone
// generally used by snapshots, but can affect specific tests
process.env.TZ = 'UTC';

const grafana = require('./.config/jest.config');
const { grafanaESModules, nodeModulesToTransform } = require('./.config/jest/utils');

const [, transform] = Object.entries(grafana.transform)[0];

module.exports = {
  displayName: 'plugin',
  // Jest configuration provided by Grafana scaffolding
  ...grafana,
  // Grafana's packages ship .mjs files, which the scaffolding's pattern leaves out.
  transform: { '^.+\\.m?[tj]sx?$': transform },
  moduleFileExtensions: ['js', 'mjs', 'cjs', 'jsx', 'ts', 'tsx', 'json', 'node'],
  transformIgnorePatterns: [nodeModulesToTransform(grafanaESModules)],
};
