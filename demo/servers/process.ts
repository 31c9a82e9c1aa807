import { spawn, spawnSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { isAlive, signal, signalTree } from './proc.ts';
import { createServerDir, forgetProcess, noteProcess, removeServerDir } from './rundir.ts';
import type { ServerUser } from './user.ts';

/** A program ready to be spawned: `args` come before the caller's own, `env` is the whole environment. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

export interface RunResult {
  /** The exit code; -1 when a signal ended the program. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly cwd?: string;
  /** Run as this user instead of ourselves (root only). */
  readonly user?: ServerUser;
}

/** Runs `command` to its end. Rejects only when it cannot be spawned; a failing program is a `code`. */
export function run(command: Command, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command.file, [...command.args, ...args], {
      cwd: options.cwd,
      env: command.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...options.user,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    // A program that ends without reading its input is not an error of ours.
    child.stdin.on('error', () => undefined).end(options.input ?? '');
    child.once('error', (error) => reject(new Error(`cannot run ${command.file}: ${error.message}`, { cause: error })));
    child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}

/** Like `run`, but a failing program is an Error with its last words. Returns its standard output. */
export async function mustRun(command: Command, args: readonly string[], options?: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code === 0) return stdout;
  const line = [command.file, ...command.args, ...args].join(' ');
  throw new Error(`${line}\nended with ${code}:\n${tail(stderr || stdout)}`);
}

/** A program of the machine itself, in an environment in which its output does not depend on the user's language. */
export function systemCommand(file: string): Command {
  return { file, args: [], env: { ...process.env, LC_ALL: 'C' } };
}

/** The last `lines` lines of a text, indented for use below an error message. */
export function tail(text: string, lines = 15): string {
  const kept = text.trimEnd().split('\n').slice(-lines);
  return kept.map((line) => `  ${line}`).join('\n');
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let deathSignalWorks: boolean | undefined;

/**
 * With util-linux's setpriv the kernel itself ends the server when our process dies, even by SIGKILL. The kernel
 * watches the spawning thread, so only the main thread may rely on it.
 */
function canTieToParent(): boolean {
  deathSignalWorks ??= spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true'], { stdio: 'ignore' }).status === 0;
  return isMainThread && deathSignalWorks;
}

export interface DaemonOptions {
  /** For people: used in error messages. */
  readonly name: string;
  /** Prefix of its directory's name. */
  readonly directory: string;
  readonly command: Command;
  /** Default: ourselves. */
  readonly user?: ServerUser;
  /** How long the server gets to start and to stop before that is an error, in ms. */
  readonly timeoutMs?: number;
}

/** A server process, which can be started again after it stopped, and its directory. */
export class Daemon {
  /** The server's own temporary directory: its working directory, with its output appended to `server.log`. */
  readonly dir: string;
  /** 0 before the first start. */
  pid = 0;
  readonly #options: DaemonOptions;
  readonly #timeoutMs: number;
  /** Size of the log at the last start, in bytes. */
  #logStart = 0;
  #finalLog: string | undefined;
  #wasReady = false;
  #ending: Promise<void> | undefined;

  constructor(options: DaemonOptions) {
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.dir = createServerDir(options.directory, options.user);
    writeFileSync(this.#logFile, '');
  }

  get #logFile(): string {
    return join(this.dir, 'server.log');
  }

  get running(): boolean {
    return this.pid > 0 && isAlive(this.pid);
  }

  /** What the server has written since its last start. */
  log(): string {
    return readFileSync(this.#logFile).subarray(this.#logStart).toString('utf8');
  }

  /** All that the server has ever written, also after its end. */
  fullLog(): string {
    return this.#finalLog ?? readFileSync(this.#logFile, 'utf8');
  }

  /**
   * Starts the process and waits until `isReady`. If it ends first or takes too long, its last words are the Error, and it
   * is removed with its directory, unless it has been ready before: then it can be tried again.
   */
  async start(args: readonly string[], isReady: () => boolean | Promise<boolean>): Promise<void> {
    try {
      await this.#spawn(args);
      const deadline = Date.now() + this.#timeoutMs;
      while (!(await isReady())) {
        if (!this.running) throw this.#failure('ended while starting');
        if (Date.now() > deadline) throw this.#failure(`was not ready after ${this.#timeoutMs / 1000} s`);
        await sleep(10);
      }
      this.#wasReady = true;
    } catch (error) {
      await (this.#wasReady ? this.stop('SIGKILL') : this.end('SIGKILL'));
      throw error;
    }
  }

  #failure(what: string): Error {
    return new Error(`${this.#options.name} ${what}; its last words:\n${tail(this.log()) || '  (none)'}`);
  }

  #spawn(args: readonly string[]): Promise<void> {
    const { command, user, name } = this.#options;
    const line = [command.file, ...command.args, ...args];
    // PostgreSQL's children notice that their parent is gone, the others have none: nothing outlives us, even killed.
    if (canTieToParent()) line.unshift('setpriv', '--pdeathsig', 'KILL');
    const log = openSync(this.#logFile, 'a');
    this.#logStart = fstatSync(log).size;
    return new Promise((resolve, reject) => {
      // Its own session: a terminal's Ctrl-C must reach us, not the server first.
      const child = spawn(line[0], line.slice(1), {
        cwd: this.dir,
        env: command.env,
        stdio: ['ignore', log, log],
        detached: true,
        ...user,
      });
      closeSync(log);
      child.once('error', (error) => reject(new Error(`cannot start ${name}: ${error.message}`, { cause: error })));
      child.once('spawn', () => {
        const pid = child.pid as number;
        this.pid = pid;
        noteProcess(this.dir, pid);
        child.once('exit', () => forgetProcess(this.dir, pid));
        // It ends with us instead of keeping us alive.
        child.unref();
        resolve();
      });
    });
  }

  /** Sends `name` and waits for the end; a server that takes too long is killed, which is an Error. */
  async stop(name: NodeJS.Signals): Promise<void> {
    if (!this.running) return;
    const { pid } = this;
    signal(pid, name);
    this.resume();
    const deadline = Date.now() + this.#timeoutMs;
    let failure: Error | undefined;
    while (isAlive(pid)) {
      if (!failure && Date.now() > deadline) {
        failure = this.#failure(`did not end within ${this.#timeoutMs / 1000} s of ${name} and was killed`);
        signalTree(pid, 'SIGKILL');
      }
      await sleep(5);
    }
    forgetProcess(this.dir, pid);
    if (failure) throw failure;
  }

  /** Like `stop`, for good: its directory is removed. Harmless when repeated. */
  end(name: NodeJS.Signals): Promise<void> {
    this.#ending ??= this.stop(name).finally(() => {
      this.#finalLog = this.fullLog();
      removeServerDir(this.dir);
    });
    return this.#ending;
  }

  /** Freezes the server and all its children: connections stay open but nothing answers. */
  pause(): void {
    signalTree(this.pid, 'SIGSTOP');
  }

  resume(): void {
    signalTree(this.pid, 'SIGCONT');
  }
}
