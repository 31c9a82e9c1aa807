/**
 * What cancel and terminate did, on this machine's disk before anything else: they must work, and be audited, while the
 * state database is away. One JSON object a line. One exporter per file.
 */
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Log } from '../log.ts';
import type { AuditEvent } from './audit.ts';
import { JournalLock } from './journal_lock.ts';

export class Journal {
  readonly #file: string;
  readonly #log: Log;
  readonly #lock: JournalLock;
  /** Appending and replaying take turns. */
  #last: Promise<unknown> = Promise.resolve();
  /** False once it is known that nothing waits in it. */
  #mayHold = true;

  constructor(file: string, log: Log) {
    this.#file = file;
    this.#log = log;
    this.#lock = new JournalLock(file);
  }

  /** Says so in the log where it cannot be used: whoever cancels something is told as well. */
  async start(): Promise<void> {
    await this.#lock.take().catch((error: unknown) => {
      const { code, message } = error as NodeJS.ErrnoException;
      this.#log.error(
        { file: this.#file, error: code ?? message },
        'the journal cannot be used, and nothing can be cancelled or terminated: see --actions.journal-file',
      );
    });
  }

  /** Leaves it to another exporter. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#lock.release());
  }

  /** Resolves when the event would survive a power cut. @throws Error naming the file when it cannot be written. */
  append(event: AuditEvent): Promise<void> {
    return this.#inTurn(async () => {
      try {
        await this.#lock.take();
        const handle = await open(this.#file, 'a+', 0o600);
        try {
          const { size } = await handle.stat();
          // A line that a crash cut short must not swallow this one.
          const torn = size > 0 && (await lastByte(handle, size)) !== '\n';
          await handle.write(`${torn ? '\n' : ''}${JSON.stringify(event)}\n`);
          await handle.sync();
          if (size === 0) await syncDirectory(this.#file);
        } finally {
          await handle.close();
        }
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        throw new Error(`the journal ${this.#file} cannot be written: ${code ?? message}`, { cause: error });
      }
      this.#mayHold = true;
    });
  }

  /**
   * Hands all events to `insert`, which must leave alone those it has seen; then forgets them.
   * @param insert gives back those that it will never take: they are kept aside, so that they do not hold up the others.
   * @throws what `insert` throws; then they stay.
   */
  replay(insert: (events: readonly AuditEvent[]) => Promise<readonly AuditEvent[]>): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#mayHold) return;
      const text = await readFile(this.#file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '';
        throw error;
      });
      // Another exporter's: that one replays it.
      const isTaken = text !== '' && (await this.#lock.take().catch(() => true)) === true;
      if (isTaken) return;
      const events: AuditEvent[] = [];
      const unreadable: string[] = [];
      for (const line of text.split('\n').filter(Boolean)) {
        try {
          events.push(JSON.parse(line) as AuditEvent);
        } catch {
          unreadable.push(line);
        }
      }
      for (const event of await insert(events)) unreadable.push(JSON.stringify(event));
      if (text !== '') {
        // Somebody else wrote meanwhile: all of it comes again, and what was inserted is known by its ids.
        if ((await stat(this.#file)).size !== Buffer.byteLength(text)) return;
        if (unreadable.length > 0) await this.#keep(unreadable);
        await rm(this.#file);
      }
      this.#mayHold = false;
    });
  }

  /** Lines that a crash cut short are evidence too. */
  async #keep(lines: readonly string[]): Promise<void> {
    const file = `${this.#file}.unreadable`;
    this.#log.warn({ file, lines: lines.length }, 'lines of the journal could not be read or noted; they are kept');
    const before = await readFile(file, 'utf8').catch(() => '');
    await writeFile(`${file}.new`, `${before}${lines.join('\n')}\n`, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

type Handle = Awaited<ReturnType<typeof open>>;

async function lastByte(handle: Handle, size: number): Promise<string> {
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString('latin1');
}

/** A new file's name is in its directory, which is synced apart. */
async function syncDirectory(file: string): Promise<void> {
  const handle = await open(dirname(file), 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
