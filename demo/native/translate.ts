/** What a text says about places inside containers, said about this machine: pure functions. */
import { containerPorts, type Service } from './compose.ts';

/** `service:port in its container` → the port on 127.0.0.1. */
export type Ports = ReadonlyMap<string, number>;

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
const oneOf = (words: Iterable<string>): string =>
  [...words]
    .sort((a, b) => b.length - a.length)
    .map(escape)
    .join('|');

/** Every path at which the service finds something that is not of its image. */
export const mountPoints = ({ volumes, secrets, tmpfs }: Service): string[] => [
  ...volumes.map(({ target }) => target),
  ...secrets.map(({ target }) => target),
  ...tmpfs,
];

/** `/etc/prometheus/rules` → `<root>/etc/prometheus/rules`, wherever it stands as a path of its own or begins one. */
export function translatePaths(text: string, service: Service, root: string): string {
  const points = mountPoints(service);
  if (points.length === 0) return text;
  return text.replaceAll(new RegExp(`(?<![\\w./-])(?:${oneOf(points)})(?![\\w-])`, 'g'), (path) => `${root}${path}`);
}

/** Names under which services reach each other → the service. */
function hostNames(services: readonly (readonly [string, Service])[]): Map<string, string> {
  return new Map(
    services.flatMap(([name, { networks }]) =>
      [name, ...Object.values(networks).flatMap(({ aliases }) => aliases)].map((alias) => [alias, name] as const),
    ),
  );
}

/**
 * `exporter:9187`, `host=postgres port=5432`, the service's own `0.0.0.0:9187`, and `localhost:3000` for a published port
 * → this machine's address and port. A service that does not run has a port all the same, at which nobody answers.
 */
export function translateAddresses(
  text: string,
  own: string,
  services: readonly (readonly [string, Service])[],
  ports: Ports,
): string {
  const hosts = hostNames(services);
  const names = oneOf(hosts.keys());
  const portOf = (host: string, port: string): number | undefined => ports.get(`${hosts.get(host)}:${port}`);
  const published = new Map(
    services.flatMap(([name, service]) =>
      service.ports.map(({ published, target }) => [String(published), ports.get(`${name}:${target}`)] as const),
    ),
  );
  return text
    .replaceAll(new RegExp(`(?<![\\w.-])(${names}):(\\d+)(?!\\d)`, 'g'), (found, host: string, port: string) => {
      const there = portOf(host, port);
      return there === undefined ? found : `127.0.0.1:${there}`;
    })
    .replaceAll(new RegExp(`\\bhost=(${names}) port=(\\d+)`, 'g'), (found, host: string, port: string) => {
      const there = portOf(host, port);
      return there === undefined ? found : `host=127.0.0.1 port=${there}`;
    })
    .replaceAll(/(?<![\w.-])0\.0\.0\.0:(\d+)/g, (found, port: string) => {
      const there = ports.get(`${own}:${port}`);
      return there === undefined ? found : `127.0.0.1:${there}`;
    })
    .replaceAll(/(?<![\w.-])localhost:(\d+)/g, (found, port: string) => {
      const there = published.get(port);
      return there === undefined ? found : `localhost:${there}`;
    });
}

/** `service:port` of all of them; `choose` gives each its port here. */
export async function choosePorts(
  services: readonly (readonly [string, Service])[],
  choose: (published: number | undefined) => Promise<number>,
): Promise<Ports> {
  const ports = new Map<string, number>();
  for (const [name, service] of services)
    for (const port of containerPorts(service)) {
      const published = service.ports.find(({ target }) => target === port)?.published;
      ports.set(`${name}:${port}`, await choose(published));
    }
  return ports;
}
