/**
 * Reads the part of the Compose specification that docker-compose.yml uses. A key that is not named here is an error: what
 * this does not know it could not run natively either, and nobody would notice.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const text = z.string().min(1);
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** `127.0.0.1:6432:6432`: published on this machine only. */
const port = z
  .string()
  .regex(/^127\.0\.0\.1:\d+:\d+$/, 'is published as 127.0.0.1:port:port')
  .transform((value) => {
    const [, published, target] = value.split(':');
    return { published: Number(published), target: Number(target) };
  });

const bind = z.strictObject({
  type: z.literal('bind'),
  source: text.startsWith('./'),
  target: text.startsWith('/'),
  read_only: z.literal(true, 'what is mounted from the repository is read only'),
  bind: z.strictObject({ create_host_path: z.boolean() }).optional(),
});
const volume = z.strictObject({ type: z.literal('volume'), source: text, target: text.startsWith('/') });

const secret = z.union([
  text.transform((source) => ({ source, target: `/run/secrets/${source}` })),
  z.strictObject({ source: text, target: text.startsWith('/') }),
]);

const healthcheck = z.union([
  z.strictObject({ disable: z.literal(true) }),
  z.strictObject({
    test: z.array(text).min(2),
    interval: text,
    timeout: text,
    retries: z.number(),
    start_period: text,
  }),
]);

const service = z.strictObject({
  image: text,
  build: z.strictObject({ context: z.literal('.'), dockerfile: text, target: text.optional() }).optional(),
  profiles: z.array(text).default([]),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), scalar).default({}),
  volumes: z.array(z.union([bind, volume])).default([]),
  secrets: z.array(secret).default([]),
  tmpfs: z.array(text.startsWith('/')).default([]),
  ports: z.array(port).default([]),
  expose: z.array(z.string().regex(/^\d+$/).transform(Number)).default([]),
  networks: z.record(z.string(), z.strictObject({ aliases: z.array(text).default([]) })),
  depends_on: z
    .record(z.string(), z.strictObject({ condition: z.enum(['service_healthy', 'service_completed_successfully']) }))
    .default({}),
  healthcheck,
  restart: z.enum(['no', 'unless-stopped']),
  deploy: z.strictObject({
    resources: z.strictObject({ limits: z.strictObject({ cpus: text, memory: text }) }),
  }),
  pids_limit: z.number(),
  user: text.optional(),
  read_only: z.boolean(),
  cap_drop: z.array(text),
  security_opt: z.array(text),
  logging: z.strictObject({ driver: text, options: z.record(z.string(), text) }),
  shm_size: text.optional(),
  stop_signal: text.optional(),
  stop_grace_period: text.optional(),
});

const names = z.record(z.string(), z.strictObject({}));

const file = z.strictObject({
  name: text,
  services: z.record(z.string(), service),
  networks: names,
  volumes: names,
  secrets: z.record(z.string(), z.strictObject({ file: text.startsWith('./') })),
});

export type Service = z.output<typeof service>;
export type ComposeFile = z.output<typeof file>;

/** `${NAME:-default}`; an unset variable without a default is an error instead of an empty text. `$$` is a dollar sign. */
function interpolate(value: unknown, env: Readonly<Record<string, string | undefined>>): unknown {
  if (Array.isArray(value)) return value.map((item) => interpolate(item, env));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, interpolate(item, env)]));
  if (typeof value !== 'string') return value;
  return value.replaceAll(/\$(?:\$|\{(\w+)(?::-([^}]*))?\}|)/g, (found, name?: string, fallback?: string) => {
    if (found === '$$') return '$';
    const filled = name === undefined ? undefined : env[name] || fallback;
    if (filled === undefined) throw new Error(`docker-compose.yml: ${found} in "${value}" has no value`);
    return filled;
  });
}

/**
 * @param env what `${NAME}` stands for.
 * @throws Error naming every place that is not as it should be.
 */
export function parseCompose(source: string, env: Readonly<Record<string, string | undefined>> = {}): ComposeFile {
  const raw = interpolate(parse(source, { merge: true }), env) as Record<string, unknown>;
  // Extensions: they only hold what is merged elsewhere.
  const content = Object.fromEntries(Object.entries(raw).filter(([key]) => !key.startsWith('x-')));
  const checked = file.safeParse(content);
  if (!checked.success) throw new Error(`docker-compose.yml:\n${z.prettifyError(checked.error)}`);
  const faults = undeclared(checked.data);
  if (faults.length > 0) throw new Error(`docker-compose.yml:\n${faults.join('\n')}`);
  return checked.data;
}

export const readCompose = (path: string, env?: Readonly<Record<string, string | undefined>>): ComposeFile =>
  parseCompose(readFileSync(path, 'utf8'), env);

/** Names that are used and not declared. */
function undeclared({ services, networks, volumes, secrets }: ComposeFile): string[] {
  return Object.entries(services).flatMap(([name, service]) => {
    const used: readonly (readonly [string, readonly string[], object])[] = [
      ['network', Object.keys(service.networks), networks],
      ['volume', service.volumes.flatMap((mount) => (mount.type === 'volume' ? mount.source : [])), volumes],
      ['secret', service.secrets.map(({ source }) => source), secrets],
      ['service', Object.keys(service.depends_on), services],
    ];
    return used.flatMap(([kind, found, declared]) =>
      found.filter((one) => !(one in declared)).map((one) => `✖ services.${name}: there is no ${kind} "${one}"`),
    );
  });
}

/** The services of those profiles, each after those that it depends on. */
export function enabledServices({ services }: ComposeFile, profiles: readonly string[]): [string, Service][] {
  const enabled = Object.entries(services).filter(
    ([, service]) => service.profiles.length === 0 || service.profiles.some((profile) => profiles.includes(profile)),
  );
  const ordered: [string, Service][] = [];
  while (ordered.length < enabled.length) {
    const started = new Set(ordered.map(([name]) => name));
    const next = enabled.filter(
      ([name, { depends_on: needs }]) => !started.has(name) && Object.keys(needs).every((need) => started.has(need)),
    );
    if (next.length === 0) throw new Error('docker-compose.yml: services that wait for each other, or for a profile');
    ordered.push(...next);
  }
  return ordered;
}

/** What it listens on, inside its container. */
export const containerPorts = ({ ports, expose }: Service): number[] => [
  ...ports.map(({ target }) => target),
  ...expose,
];
