/** Answers a scrape: the deadline from the scraper's header, the text in blocks, gzip where it is accepted. */
import type { Request, Response } from 'express';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import type { Config } from '../config/types.ts';
import type { Exposition } from '../metrics/exposition.ts';

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
/** The text is so repetitive that higher levels gain a tenth of the size for twice the time. */
const GZIP_LEVEL = 1;
/** Milliseconds since 1970 by which the answer must be complete. */
export function deadlineOf(request: Request, scrape: Config['scrape']): number {
  const seconds = Number(request.get('X-Prometheus-Scrape-Timeout-Seconds'));
  const timeout = Number.isFinite(seconds) && seconds > 0 ? seconds : scrape.timeoutSeconds;
  // A very short timeout must leave something to work with.
  const margin = Math.min(scrape.timeoutMarginSeconds, timeout / 4);
  return Date.now() + (timeout - margin) * 1000;
}

export async function sendExposition(request: Request, response: Response, exposition: Exposition): Promise<void> {
  response.set('Content-Type', CONTENT_TYPE);
  try {
    if (request.acceptsEncodings('gzip') !== 'gzip') return await writeAll(exposition, response);
    response.set('Content-Encoding', 'gzip');
    const gzip = zlib.createGzip({ level: GZIP_LEVEL, chunkSize: 1 << 16 });
    await Promise.all([pipeline(gzip, response), writeAll(exposition, gzip)]);
  } catch (error) {
    // The scraper hung up; there is nobody left to tell.
    if (!HUNG_UP.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

const HUNG_UP = ['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED', 'ECONNRESET', 'EPIPE', 'ECANCELED'];

/** One block at a time: the next one overwrites it. */
async function writeAll(exposition: Exposition, out: Writable): Promise<void> {
  for (const block of exposition.blocks()) {
    await new Promise<void>((resolve, reject) => {
      out.write(block, (error) => (error ? reject(error) : resolve()));
    });
  }
  out.end();
}
