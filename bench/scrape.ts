/** Scrapes as Prometheus does: one kept connection, gzip, the whole body read. */
import http from 'node:http';
import { gunzipSync } from 'node:zlib';

export interface Scrape {
  /** From the request until the last byte. */
  readonly wallMs: number;
  /** As sent. */
  readonly body: Buffer;
}

export class Scraper {
  private readonly agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  private readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** @throws Error unless the answer is a gzipped 200. */
  async scrape(): Promise<Scrape> {
    const began = performance.now();
    const body = await this.get();
    return { wallMs: performance.now() - began, body };
  }

  private get(): Promise<Buffer> {
    const headers = {
      Accept: 'text/plain;version=0.0.4;q=0.4,*/*;q=0.3',
      'Accept-Encoding': 'gzip',
      'User-Agent': 'Prometheus/bench',
      // Long enough for the slowest of the subjects: nobody is to be cut short here.
      'X-Prometheus-Scrape-Timeout-Seconds': '60',
    };
    return new Promise((resolve, reject) => {
      const request = http.get(this.url, { agent: this.agent, headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode !== 200 || response.headers['content-encoding'] !== 'gzip') {
            reject(new Error(`${this.url}: ${response.statusCode}, ${response.headers['content-encoding']}`));
          } else resolve(Buffer.concat(parts));
        });
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        // The server may close a kept connection just as we use it; Prometheus then takes a new one.
        if (request.reusedSocket && error.code === 'ECONNRESET') resolve(this.get());
        else reject(error);
      });
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

export interface Content {
  /** Without gzip. */
  readonly bytes: number;
  readonly samples: number;
  /** Family → its number of samples. */
  readonly families: ReadonlyMap<string, number>;
  /** The first sample of that name, or of exactly that series. */
  value(series: string): number | undefined;
  /** Every value of a name with one label: label's value → number. */
  values(name: string): Map<string, number>;
}

export function readContent(body: Buffer): Content {
  const text = gunzipSync(body).toString('utf8');
  const families = new Map<string, number>();
  let family = '';
  let samples = 0;
  for (const line of text.split('\n')) {
    if (line.startsWith('# TYPE ')) family = line.split(' ', 3)[2];
    if (line === '' || line.startsWith('#')) continue;
    samples++;
    families.set(family, (families.get(family) ?? 0) + 1);
  }
  const value = (series: string): number | undefined => {
    const at = text.startsWith(`${series} `) ? 0 : text.indexOf(`\n${series} `) + 1;
    return at > 0 || text.startsWith(`${series} `)
      ? Number(text.slice(at + series.length).split('\n', 1)[0])
      : undefined;
  };
  const values = (name: string): Map<string, number> =>
    new Map(
      [...text.matchAll(new RegExp(`^${name}\\{\\w+="([^"]*)"\\} (\\S+)$`, 'gm'))].map(([, label, number]) => [
        label,
        Number(number),
      ]),
    );
  return { bytes: Buffer.byteLength(text), samples, families, value, values };
}
