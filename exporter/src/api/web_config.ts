/**
 * The web configuration file of Prometheus' exporters: TLS and basic auth.
 * https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md
 */
import bcrypt from 'bcrypt';
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ServerOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { parse } from 'yaml';
import { z } from 'zod';

const TLS_VERSIONS = { TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const;
const CLIENT_AUTH = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;

const schema = z.strictObject({
  tls_server_config: z
    .strictObject({
      cert_file: z.string(),
      key_file: z.string(),
      client_ca_file: z.string().optional(),
      client_auth_type: z.enum(CLIENT_AUTH).default('NoClientCert'),
      min_version: z.enum(['TLS12', 'TLS13']).default('TLS12'),
      max_version: z.enum(['TLS12', 'TLS13']).default('TLS13'),
    })
    .optional(),
  http_server_config: z
    .strictObject({ http2: z.boolean().optional(), headers: z.record(z.string(), z.string()).optional() })
    .optional(),
  basic_auth_users: z
    .record(
      z.string(),
      z.string().regex(/^\$2[aby]\$\d\d\$.{53}$/, 'must be a bcrypt hash (htpasswd -nBC 10 "" makes one)'),
    )
    .optional(),
});

export type WebConfigFile = z.infer<typeof schema>;

/** Compared with for unknown users, so that the time taken tells nobody which users exist. */
const FAKE_HASH = '$2b$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi';

export class WebConfig {
  private readonly path: string;
  private file: WebConfigFile;
  private readAt: number;
  /** Digests of credentials that bcrypt has accepted: the next scrape need not pay for it again. */
  private readonly accepted = new Set<string>();

  /** @throws Error naming the file, the field and the cure. */
  constructor(path: string) {
    this.path = resolve(path);
    this.file = this.read();
    this.readAt = this.modified();
  }

  get hasTls(): boolean {
    return this.file.tls_server_config !== undefined;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.file.http_server_config?.headers ?? {};
  }

  /** For https.createServer and setSecureContext; files are read at each call. @throws Error naming the file. */
  tlsOptions(): ServerOptions {
    const tls = this.file.tls_server_config!;
    const readBeside = (path: string): Buffer => readFileSync(resolve(dirname(this.path), path));
    const asks = tls.client_auth_type !== 'NoClientCert';
    return {
      cert: readBeside(tls.cert_file),
      key: readBeside(tls.key_file),
      ca: tls.client_ca_file === undefined ? undefined : readBeside(tls.client_ca_file),
      minVersion: TLS_VERSIONS[tls.min_version],
      maxVersion: TLS_VERSIONS[tls.max_version],
      requestCert: asks,
      rejectUnauthorized: tls.client_auth_type === 'RequireAndVerifyClientCert',
    };
  }

  /** exporter-toolkit's client_auth_type, as far as the handshake itself did not settle it. */
  acceptsClient(socket: TLSSocket): boolean {
    const gave = Object.keys(socket.getPeerCertificate?.() ?? {}).length > 0;
    switch (this.file.tls_server_config?.client_auth_type) {
      case 'RequireAnyClientCert':
        return gave;
      case 'VerifyClientCertIfGiven':
        return !gave || socket.authorized;
      default:
        return true;
    }
  }

  /** Takes up a changed file; a broken one is reported and the old one stays. @returns whether it changed. */
  refresh(report: (error: Error) => void): boolean {
    try {
      const modified = this.modified();
      if (modified === this.readAt) return false;
      this.readAt = modified;
      this.file = this.read();
      this.accepted.clear();
      return true;
    } catch (error) {
      report(error as Error);
      return false;
    }
  }

  /** @param header the Authorization header. */
  async allows(header: string | undefined): Promise<boolean> {
    const users = this.file.basic_auth_users;
    if (users === undefined || Object.keys(users).length === 0) return true;
    const [scheme, encoded = ''] = (header ?? '').split(' ');
    const credentials = Buffer.from(encoded, 'base64').toString('utf8');
    const colon = credentials.indexOf(':');
    if (scheme.toLowerCase() !== 'basic' || colon < 0) return false;
    const user = credentials.slice(0, colon);
    const hash = Object.hasOwn(users, user) ? users[user] : undefined;
    const digest = createHash('sha256').update(`${hash}\0${credentials}`).digest('hex');
    if (hash !== undefined && this.isAccepted(digest)) return true;
    const matches = await bcrypt.compare(credentials.slice(colon + 1), hash ?? FAKE_HASH);
    if (!matches || hash === undefined) return false;
    this.accepted.add(digest);
    return true;
  }

  private isAccepted(digest: string): boolean {
    const bytes = Buffer.from(digest);
    return [...this.accepted].some((known) => timingSafeEqual(Buffer.from(known), bytes));
  }

  private read(): WebConfigFile {
    const result = schema.safeParse(parse(readFileSync(this.path, 'utf8')) ?? {});
    if (result.success) return result.data;
    const problems = result.error.issues.map((issue) => `  ${issue.path.join('.') || '(file)'}: ${issue.message}`);
    throw new Error(`${this.path}:\n${problems.join('\n')}`);
  }

  /** When any of the files changed last, as one number. */
  private modified(): number {
    const tls = this.file?.tls_server_config;
    const files = [tls?.cert_file, tls?.key_file, tls?.client_ca_file].filter((path) => path !== undefined);
    const paths = [this.path, ...files.map((path) => resolve(dirname(this.path), path))];
    return paths.reduce((sum, path) => sum + statSync(path).mtimeMs, 0);
  }
}
