/** Asks the API as Grafana's proxy does: one kept connection, the whole body read. */
import http from 'node:http';
import type { EndpointKey } from '../../exporter/src/contract/index.ts';
import { type ApiExporter, type Given } from '../../exporter/test/support/api.ts';
import { headersOf } from '../../exporter/test/support/caller.ts';

export interface Timed {
  /** From the request until the last byte. */
  readonly ms: number;
  readonly bytes: number;
}

export class Client {
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  readonly #exporter: ApiExporter;

  constructor(exporter: ApiExporter) {
    this.#exporter = exporter;
  }

  /** As a viewer. @throws Error unless the answer is a 200. */
  async get<K extends EndpointKey>(key: K, given: Given<K>): Promise<Timed> {
    const { params = {}, query = {} } = given as { params?: Values; query?: Values };
    const path = key.split(' ')[1].replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
    const search = new URLSearchParams(
      Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
    );
    const began = performance.now();
    const { status, body } = await this.#ask(`${path}?${search.toString()}`);
    if (status !== 200) throw new Error(`${key} ${status}: ${body.toString('utf8').slice(0, 500)}`);
    return { ms: performance.now() - began, bytes: body.length };
  }

  close(): void {
    this.#agent.destroy();
  }

  #ask(path: string): Promise<{ status: number | undefined; body: Buffer }> {
    const headers = headersOf(this.#exporter, 'GET', { as: 'Viewer' });
    return new Promise((resolve, reject) => {
      const request = http.get(this.#exporter.url + path, { agent: this.#agent, headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(parts) }));
      });
      request.on('error', reject);
    });
  }
}

type Values = Readonly<Record<string, unknown>>;
