/** Where the bytes come from, and how a file is known again. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Readable } from 'node:stream';
import { CsvReader } from './csv.ts';
import { NdjsonReader } from './ndjson.ts';
import { LF, LoadFailure, type Reader } from './reader.ts';

export type Format = 'csv' | 'ndjson';

export interface SourceFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly fingerprint: string;
  /** @throws LoadFailure when it is not the file any more that it was. */
  verify(): Promise<void>;
}

export interface Source {
  /** The file's name without its folders, or `stdin`. */
  readonly name: string;
  readonly reader: Reader;
  /** A file's; of a stream nothing is known before its end, and it cannot be taken up again. */
  readonly file?: SourceFile;
  /** The bytes from a position on. */
  bytes(from: number): AsyncIterable<Buffer>;
}

const CHUNK_BYTES = 1024 * 1024;
const FORMATS: Readonly<Record<string, Format>> = { '.csv': 'csv', '.ndjson': 'ndjson', '.jsonl': 'ndjson' };

const readerOf = (format: Format): Reader => (format === 'csv' ? new CsvReader() : new NdjsonReader());

/** @param format without it, the file's name says it. @throws LoadFailure */
export async function openFile(path: string, format = FORMATS[extname(path).toLowerCase()]): Promise<Source> {
  if (format === undefined) {
    throw new LoadFailure(`${path} ends neither in .csv nor in .ndjson or .jsonl: say what it is with --format.`);
  }
  const file = await openToRead(path);
  try {
    const before = await file.stat();
    if (!before.isFile()) throw new LoadFailure(`${path} is not a file. A stream comes in as: … | pgvigil etl load -`);
    const { sizeBytes, fingerprint } = await fingerprintOf(file);
    return {
      name: basename(path),
      reader: readerOf(format),
      file: {
        path,
        sizeBytes,
        fingerprint,
        verify: async () => {
          const now = await stat(path).catch(() => undefined);
          if (now?.ino === before.ino && now.size === before.size && now.mtimeMs === before.mtimeMs) return;
          throw new LoadFailure(`${path} was changed while it was being loaded: load it once more`);
        },
      },
      // What is appended meanwhile is another file's content.
      bytes: (start) =>
        start < sizeBytes
          ? createReadStream(path, { start, end: sizeBytes - 1, highWaterMark: CHUNK_BYTES })
          : nothing(),
    };
  } finally {
    await file.close();
  }
}

/** @param from always 0. */
export const openStream = (stream: Readable, format: Format): Source => ({
  name: 'stdin',
  reader: readerOf(format),
  bytes: () => stream,
});

async function openToRead(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'it may not be read' : code;
    throw new LoadFailure(`${path}: ${why}`, { cause });
  }
}

/**
 * Of the whole content: a part of it would not see a row that was corrected in the middle, and a resumed load would
 * leave that row out.
 */
async function fingerprintOf(file: FileHandle): Promise<{ sizeBytes: number; fingerprint: string }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of file.createReadStream({ highWaterMark: CHUNK_BYTES, autoClose: false, start: 0 })) {
    hash.update(chunk as Buffer);
    sizeBytes += (chunk as Buffer).length;
  }
  return { sizeBytes, fingerprint: `sha256:${hash.digest('hex')}` };
}

/**
 * Puts the reader where a run stopped: the header is read again, and the lines before are counted.
 * @param position where a record begins, behind the header.
 */
export async function seek(source: Source, position: number): Promise<void> {
  let head: Buffer = Buffer.alloc(0);
  let started = false;
  let at = 0;
  let lines = 0;
  for await (const chunk of source.bytes(0)) {
    if (!started) {
      head = Buffer.concat([head, chunk]);
      started = source.reader.start(head, false) !== undefined;
    }
    for (let i = chunk.indexOf(LF); i >= 0 && at + i < position; i = chunk.indexOf(LF, i + 1)) lines++;
    at += chunk.length;
    if (started && at >= position) break;
  }
  source.reader.line = lines + 1;
}

async function* nothing(): AsyncGenerator<Buffer> {}
