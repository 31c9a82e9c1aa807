/** The units for machines without containers, as far as systemd-analyze can tell without starting them. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

const FOLDER = resolve(import.meta.dirname, '../../../provisioning');
const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');
const unit = read('systemd/pgvigil.service');
const available = spawnSync('systemd-analyze', ['--version']).status === 0;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pgvigil-units-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const analyze = (...args: string[]): { status: number | null; said: string } => {
  // Only our units: what else is wrong on this machine is not ours.
  const env = { ...process.env, SYSTEMD_UNIT_PATH: `${folder}:` };
  const { status, stderr } = spawnSync('systemd-analyze', args, { env, encoding: 'utf8' });
  return {
    status,
    said: stderr
      .split('\n')
      .filter((line) => line.includes('pgvigil') || line.includes('pgbouncer'))
      .join('\n'),
  };
};

(available ? test : test.skip)('systemd knows every line of them, and calls them safe', () => {
  // The program is not installed here.
  const installed = unit.replace('/usr/local/bin/pgvigil', '/bin/true');
  writeFileSync(join(folder, 'pgvigil.service'), installed);
  mkdirSync(join(folder, 'pgbouncer.service.d'));
  writeFileSync(join(folder, 'pgbouncer.service'), '[Service]\nExecStart=/bin/true\n');
  cpSync(join(FOLDER, 'systemd/pgbouncer.conf'), join(folder, 'pgbouncer.service.d/pgvigil.conf'));
  expect(analyze('verify', 'pgvigil.service')).toEqual({ status: 0, said: '' });
  expect(analyze('verify', 'pgbouncer.service')).toEqual({ status: 0, said: '' });
  // Of 100; Debian's own units are between 40 and 96.
  const path = join(folder, 'pgvigil.service');
  expect(analyze('security', '--offline=true', '--threshold=15', path)).toMatchObject({ status: 0 });

  writeFileSync(path, installed.replace('ProtectSystem=strict', 'ProtectSystems=strict'));
  expect(analyze('verify', 'pgvigil.service').said).toContain('ProtectSystems');
});

test('it is started again whatever happens', () => {
  for (const text of [unit, read('systemd/pgbouncer.conf')]) {
    expect(text).toMatch(/^Restart=always$/m);
    expect(text).toMatch(/^StartLimitIntervalSec=0$/m);
  }
});

test('its configuration is that of the container but for places, and names what the unit loads', () => {
  const config = read('systemd/pgvigil.yml');
  const moved = config
    .replaceAll('${CREDENTIALS_DIRECTORY}', '/run/secrets')
    .replaceAll(/@(postgres|pgbouncer)\.example/g, '@$1');
  const { web, ...rest } = parse(moved) as { web: unknown };
  expect(web).toEqual({ listen_addresses: ['127.0.0.1:9187'] });
  expect(rest).toEqual(parse(read('pgvigil/pgvigil.yml')));
  const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();
  const loaded = sorted([...unit.matchAll(/^LoadCredential=([^:]+):/gm)].map(([, name]) => name));
  const named = sorted([...config.matchAll(/\$\{CREDENTIALS_DIRECTORY\}\/([\w.]+)/g)].map(([, name]) => name));
  expect(named).toEqual(loaded);
});
