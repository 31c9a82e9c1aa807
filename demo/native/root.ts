/** A folder for each service that looks, at its mount points, as its container would: what is mounted, translated. */
import { chmodSync, cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { giveToServer } from '../servers/user.ts';
import type { ComposeFile, Service } from './compose.ts';

/** Texts that name paths and addresses. */
const CONFIGURATION = ['.yml', '.yaml', '.conf', '.ini', '.sh', '.tmpl'];

export interface RootOptions {
  readonly root: string;
  /** Where docker-compose.yml is. */
  readonly repository: string;
  /** Holds the files of the secrets, by their names. */
  readonly secretsFolder: string;
  readonly secrets: ComposeFile['secrets'];
  /** Whether what is in it belongs to the user that the servers run as. */
  readonly forServer: boolean;
  /** What a configuration file says, as it is to be read here; `path` as in the container. */
  readonly translate: (path: string, text: string) => string;
}

/** @throws Error when something is mounted that is not there. */
export function fillRoot(service: Service, options: RootOptions): void {
  const { root, repository, secretsFolder, secrets, forServer, translate } = options;
  mkdirSync(root, { recursive: true, mode: 0o700 });
  for (const target of service.tmpfs) mkdirSync(join(root, target), { recursive: true });
  for (const mount of service.volumes) {
    if (mount.type === 'volume') mkdirSync(join(root, mount.target), { recursive: true });
    else copy(resolve(repository, mount.source), join(root, mount.target), mount.target, translate);
  }
  for (const { source, target } of service.secrets) {
    const file = join(root, target);
    mkdirSync(dirname(file), { recursive: true });
    cpSync(join(secretsFolder, secrets[source].file.replace(/^\.\/secrets\//, '')), file);
    // Here each service has a copy of its own, so that nobody else needs to read it.
    chmodSync(file, 0o600);
  }
  if (forServer) giveAll(root);
}

function copy(from: string, to: string, path: string, translate: RootOptions['translate']): void {
  if (statSync(from).isDirectory()) {
    mkdirSync(to, { recursive: true });
    for (const name of readdirSync(from)) copy(join(from, name), join(to, name), `${path}/${name}`, translate);
    return;
  }
  mkdirSync(dirname(to), { recursive: true });
  if (CONFIGURATION.includes(extname(path))) writeFileSync(to, translate(path, readFileSync(from, 'utf8')));
  else cpSync(from, to);
}

function giveAll(path: string): void {
  giveToServer(path);
  if (!lstatSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) giveAll(join(path, name));
}
