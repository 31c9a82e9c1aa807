/** A secret in a file that may be replaced while the exporter runs. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Log } from '../log.ts';

/** Shorter ones can be guessed; `pgvigil check` and the start refuse them. */
const LEAST_CHARACTERS = 16;

export class SecretFile {
  readonly path: string;
  readonly #log: Log;
  #version = '';
  #digest: Buffer | undefined;

  constructor(path: string, log: Log) {
    this.path = path;
    this.#log = log;
  }

  /** In the same time whatever was given. */
  matches(given: string): boolean {
    const digest = this.#current();
    return digest !== undefined && timingSafeEqual(digest, digestOf(given));
  }

  /** A file that is gone, or that holds too little, leaves the last good secret in force: rotation has no gap. */
  #current(): Buffer | undefined {
    try {
      const { mtimeMs, size, ino } = statSync(this.path);
      const version = `${mtimeMs} ${size} ${ino}`;
      if (version === this.#version) return this.#digest;
      this.#version = version;
      const secret = readFileSync(this.path, 'utf8').trim();
      if (secret.length >= LEAST_CHARACTERS) this.#digest = digestOf(secret);
      else this.#log.error({ file: this.path }, `secret not taken up: fewer than ${LEAST_CHARACTERS} characters`);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (this.#version !== String(code))
        this.#log.error({ file: this.path, error: code }, 'secret cannot be read; the last one stays in force');
      this.#version = String(code);
    }
    return this.#digest;
  }
}

/** Of one length, so that the comparison tells nothing about the secret's. */
const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();
