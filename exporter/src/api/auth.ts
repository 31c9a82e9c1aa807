/**
 * Who may call the API. Grafana's proxy adds the secret and says who its user is; without the secret nobody is believed.
 * Never a 401: through the proxy it would log the user out of Grafana.
 */
import type { Request } from 'express';
import { z } from 'zod';
import type { Config } from '../config/types.ts';
import { role, ROLES, type Role } from '../contract/index.ts';
import type { Log } from '../log.ts';
import { ApiFailure } from './failure.ts';
import { SecretFile } from './secret.ts';
import type { Caller } from './services.ts';

/** Grafana leaves it alone, and `Authorization` stays free for the web configuration file's basic auth. */
export const SECRET_HEADER = 'X-Pgvigil-Secret';
/** JSON about the signed-in user; Grafana overwrites whatever the browser sends. */
export const CONTEXT_HEADER = 'X-Grafana-Context';

export interface Access {
  readonly caller: Caller;
  /** The write secret came with it. */
  readonly mayWrite: boolean;
}

/** What is used of it. Anonymous users have an empty login. */
const grafanaContext = z.object({ Login: z.string().default(''), OrgRole: role });
const LONGEST_LOGIN = 200;
/** Who has no login in Grafana, as the audit names them. */
const BUILT_IN = { direct: '(direct)', local: '(local)', anonymous: '(anonymous)' } as const;

export class Authenticator {
  readonly #read: SecretFile | undefined;
  readonly #write: SecretFile | undefined;

  constructor({ readSecretFile, writeSecretFile }: Config['api'], log: Log) {
    this.#read = readSecretFile === undefined ? undefined : new SecretFile(readSecretFile, log);
    this.#write = writeSecretFile === undefined ? undefined : new SecretFile(writeSecretFile, log);
  }

  /** False: nothing can be changed through this API. */
  get writesConfigured(): boolean {
    return this.#write !== undefined;
  }

  /** @throws ApiFailure forbidden */
  identify(request: Request): Access {
    const secret = request.get(SECRET_HEADER);
    if (secret === undefined) return this.#withoutSecret(request);
    const reads = this.#read?.matches(secret) ?? false;
    const writes = this.#write?.matches(secret) ?? false;
    if (!reads && !writes)
      throw new ApiFailure(
        'forbidden',
        'the secret is wrong',
        "Put the content of --api.read-secret-file and --api.write-secret-file into the app's configuration in Grafana.",
      );
    // Both files hold the same after a rotation gone wrong: then it is what every reader has.
    const mayWrite = writes && !reads;
    const context = request.get(CONTEXT_HEADER);
    if (context !== undefined) return { caller: grafanaUser(context), mayWrite };
    return { caller: { login: BUILT_IN.direct, role: mayWrite ? 'Admin' : 'Viewer' }, mayWrite };
  }

  /** Reading only, from this machine only, and nobody's word is taken for who they are. */
  #withoutSecret(request: Request): Access {
    if (this.#read !== undefined)
      throw new ApiFailure('forbidden', 'no secret was sent', `Send the read secret in the header ${SECRET_HEADER}.`);
    // The name too: a page on the web can point a name of its own at 127.0.0.1.
    if (!isLoopback(request.socket.remoteAddress) || !isLocalName(request.get('Host')))
      throw new ApiFailure(
        'forbidden',
        'without a read secret the API answers on the loopback address only',
        'Set --api.read-secret-file, and send its content in the header ' + SECRET_HEADER + '.',
      );
    return { caller: { login: BUILT_IN.local, role: 'Viewer' }, mayWrite: false };
  }
}

/** @throws ApiFailure forbidden */
export function requireRole(caller: Caller, least: Role): void {
  if (ROLES.indexOf(caller.role) >= ROLES.indexOf(least)) return;
  throw new ApiFailure(
    'forbidden',
    `this needs the role ${least}; ${caller.login} is ${caller.role}`,
    'Ask an administrator of Grafana for the role, or somebody who has it to do this.',
  );
}

function grafanaUser(header: string): Caller {
  const parsed = grafanaContext.safeParse(jsonOf(header));
  if (!parsed.success)
    throw new ApiFailure(
      'forbidden',
      `${CONTEXT_HEADER} does not name a user with the role ${ROLES.join(', ')}`,
      'Sign in to Grafana with a role in this organisation.',
    );
  // By characters: half of one could be noted in no audit.
  const login = [...parsed.data.Login.replace(/\p{C}/gu, '')].slice(0, LONGEST_LOGIN).join('');
  // Doubled, so that no login of Grafana's reads like one of ours, nor like another of Grafana's.
  const own = login.startsWith('(') ? `(${login}` : login;
  return { login: own === '' ? BUILT_IN.anonymous : own, role: parsed.data.OrgRole };
}

function jsonOf(header: string): unknown {
  try {
    // Node reads headers as Latin-1, Grafana writes UTF-8.
    return JSON.parse(Buffer.from(header, 'latin1').toString('utf8'));
  } catch {
    return undefined;
  }
}

const isLoopback = (address = ''): boolean => address === '::1' || /^(::ffff:)?127\./.test(address);
const isLocalName = (host = ''): boolean => /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i.test(host);
