/** Answers a scrape: the deadline from the scraper's header, the text in blocks, gzip where it is accepted. */
import type { Request, Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { Config } from '../config/types.ts';
import type { Exposition } from '../metrics/exposition.ts';

const gzip = promisify(zlib.gzip);

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
/** The text is so repetitive that higher levels gain a tenth of the size for twice the time. */
const GZIP_LEVEL = 1;
/** Below this, one call is faster than a stream. */
const ONE_SHOT_BYTES = 1 << 18;

/** Milliseconds since 1970 by which the answer must be complete. */
export function deadlineOf(request: Request, scrape: Config['scrape']): number {
  const seconds = Number(request.get('X-Prometheus-Scrape-Timeout-Seconds'));
  const timeout = Number.isFinite(seconds) && seconds > 0 ? seconds : scrape.timeoutSeconds;
  // A very short timeout must leave something to work with.
  const margin = Math.min(scrape.timeoutMarginSeconds, timeout / 4);
  return Date.now() + (timeout - margin) * 1000;
}

export async function sendExposition(request: Request, response: Response, exposition: Exposition): Promise<void> {
  const zipped = request.acceptsEncodings('gzip') === 'gzip';
  response.set('Content-Type', CONTENT_TYPE);
  if (zipped) response.set('Content-Encoding', 'gzip');
  const blocks = exposition.blocks();
  const first: Buffer[] = [];
  let bytes = 0;
  // Not for…of: leaving it early would end the generator, and the rest would be lost.
  for (let next = blocks.next(); !next.done; next = blocks.next()) {
    first.push(next.value);
    if ((bytes += next.value.length) > ONE_SHOT_BYTES) return stream(first, blocks, zipped, response);
  }
  const text = Buffer.concat(first);
  response.end(zipped ? await gzip(text, { level: GZIP_LEVEL }) : text);
}

async function stream(
  first: readonly Buffer[],
  rest: Generator<Buffer>,
  zipped: boolean,
  response: Response,
): Promise<void> {
  const source = Readable.from(chain(first, rest), { objectMode: false, highWaterMark: 1 << 17 });
  try {
    if (zipped) await pipeline(source, zlib.createGzip({ level: GZIP_LEVEL, chunkSize: 1 << 16 }), response);
    else await pipeline(source, response);
  } catch (error) {
    // The scraper hung up; there is nobody left to tell.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

function* chain(first: readonly Buffer[], rest: Generator<Buffer>): Generator<Buffer> {
  yield* first;
  yield* rest;
}
