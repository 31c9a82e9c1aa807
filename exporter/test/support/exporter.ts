/** The exporter as its users start it: a process of its own, asked over HTTP. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startExporter as start } from '../../../demo/exporter.ts';
import { freePort } from '../../../demo/servers/index.ts';
import { parseExposition, type Samples } from './exposition.ts';

export interface TestExporterOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Text of pgvigil.yml. */
  readonly config?: string;
  readonly scheme?: 'http' | 'https';
  /** Default 0: every scrape is a collection of its own. */
  readonly shareSeconds?: number;
}

export interface ScrapeOptions {
  /** As Prometheus says it in a header; the answer must come before. */
  readonly timeoutSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM of the CA that the exporter's certificate must have. */
  readonly ca?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /**
   * Under 5 means that it waited neither for the usual time-out of ten nor for whatever would take longer: a busy machine
   * takes a few for anything.
   */
  readonly seconds: number;
  /** Parsed when asked for. @throws Error when the text is not well-formed. */
  readonly samples: Samples;
}

export interface TestExporter {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  log(): string;
  scrape(path?: string, options?: ScrapeOptions): Promise<Answer>;
  stop(): Promise<void>;
}

/** @throws Error with the exporter's log when it does not come up. */
export async function startExporter(options: TestExporterOptions = {}): Promise<TestExporter> {
  const { args = [], env, config, scheme, shareSeconds = 0 } = options;
  const directory = mkdtempSync(join(tmpdir(), 'pgvigil-test-'));
  const file = join(directory, 'pgvigil.yml');
  if (config !== undefined) writeFileSync(file, config, { mode: 0o600 });
  // A journal is one exporter's: tests run side by side in one directory.
  const journal = join(directory, 'journal.ndjson');
  const all = [`--scrape.share-seconds=${shareSeconds}s`, `--actions.journal-file=${journal}`, ...args];
  if (config !== undefined) all.unshift(`--config.file=${file}`);
  const running = await start({ port: await freePort(), args: all, env, scheme });
  return {
    url: running.url,
    port: running.port,
    pid: running.pid,
    log: () => running.log(),
    scrape: (path = '/metrics', request = {}) => ask(running.url + path, request),
    stop: async () => {
      await running.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const NO_ANSWER_MS = 60_000;

export function ask(url: string, { timeoutSeconds, headers, ca }: ScrapeOptions = {}): Promise<Answer> {
  const began = performance.now();
  const all = {
    ...(timeoutSeconds !== undefined && { 'X-Prometheus-Scrape-Timeout-Seconds': String(timeoutSeconds) }),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    // No agent: a connection kept alive would outlive the exporter.
    const client = url.startsWith('https:') ? https : http;
    const request = client.get(url, { headers: all, agent: false, ca, timeout: NO_ANSWER_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        let samples: Samples | undefined;
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          text,
          seconds: (performance.now() - began) / 1000,
          get samples() {
            return (samples ??= parseExposition(text));
          },
        });
      });
    });
    request.on('timeout', () => request.destroy(new Error(`no answer from ${url} within ${NO_ANSWER_MS / 1000} s`)));
    request.on('error', reject);
  });
}
