import { join, resolve } from 'node:path';
import { enabledServices, readCompose } from '../compose.ts';
import { choosePorts, translateAddresses, translatePaths } from '../translate.ts';

const compose = readCompose(join(resolve(import.meta.dirname, '../../..'), 'docker-compose.yml'));
const all = Object.entries(compose.services);

test('a path of a mount point, and what is below it, is in the folder of the service', () => {
  const translate = (text: string) => translatePaths(text, compose.services.prometheus, '/root');
  expect(translate('--config.file=/etc/prometheus/prometheus.yml --storage.tsdb.path=/prometheus')).toBe(
    '--config.file=/root/etc/prometheus/prometheus.yml --storage.tsdb.path=/root/prometheus',
  );
  expect(translate('/etc/prometheus/rules/*.rules.yml')).toBe('/root/etc/prometheus/rules/*.rules.yml');
  const others = 'http://x:1/prometheus /var/prometheus /prometheus-old /etc/prometheus/other.yml';
  expect(translate(others)).toBe(others);
  const secrets = translatePaths('$__file{/run/secrets/api_read_secret}', compose.services.grafana, '/root');
  expect(secrets).toBe('$__file{/root/run/secrets/api_read_secret}');
});

test('an address of a service is that of its port here', async () => {
  let next = 1000;
  const published: (number | undefined)[] = [];
  const ports = await choosePorts(all, (port) => Promise.resolve(published.push(port) && next++));
  expect(published).toContain(6432);
  const here = (name: string) => ports.get(name)!;
  const translate = (text: string) => translateAddresses(text, 'exporter', all, ports);
  expect(translate("targets: ['exporter:9187']")).toBe(`targets: ['127.0.0.1:${here('exporter:9187')}']`);
  expect(translate('postgresql://a@replica:5432/b')).toBe(`postgresql://a@127.0.0.1:${here('replica:5432')}/b`);
  expect(translate('host=postgres.example port=5432 dbname=x')).toBe(
    `host=127.0.0.1 port=${here('postgres:5432')} dbname=x`,
  );
  expect(translate('--web.listen-address=0.0.0.0:9187')).toBe(
    `--web.listen-address=127.0.0.1:${here('exporter:9187')}`,
  );
  expect(translate('http://localhost:3000/a')).toBe(`http://localhost:${here('grafana:3000')}/a`);
  const others = 'my-exporter:9187 exporter:91870 other.postgres:5432 0.0.0.0:9090 postgres:18.4 10.0.0.0:9187';
  expect(translate(others)).toBe(others);
});

test('without a profile its services are left out', () => {
  const names = (...profiles: string[]) => enabledServices(compose, profiles).map(([name]) => name);
  expect(names('replica')).toContain('replica');
  expect(names()).not.toContain('replica');
  expect(new Set(names('demo', 'replica'))).toEqual(new Set(all.map(([name]) => name)));
});
