import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { runInThisContext } from 'node:vm';
import { identity, isAlive, livingPid, processesBelow, signal, signalTree } from './proc.ts';
import { assertReachable } from './user.ts';
import type { ServerUser } from './user.ts';

/**
 * All servers of this process live below one temporary directory. It names its owner and every server process, so that
 * a later run can end and remove what a killed run left behind.
 */
const PREFIX = 'pgvigil-run-';

/** How long servers get to end by themselves when we exit, in ms; then they are killed. */
const EXIT_GRACE_MS = 3_000;

let current: string | undefined;
const serverDirs = new Set<string>();
const pids = new Set<number>();

/** Test runners replace `process` by a copy whose exit event never fires; this is the real one. */
const host = runInThisContext('process') as NodeJS.Process;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function pauseSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Ends the processes and returns when they are gone. Synchronous, as nothing else runs while a process exits. */
function endSync(targets: readonly number[]): void {
  for (const pid of targets) {
    // SIGQUIT is what all our servers end on at once; a stopped one only sees it after SIGCONT.
    signal(pid, 'SIGQUIT');
    signalTree(pid, 'SIGCONT');
  }
  const deadline = Date.now() + EXIT_GRACE_MS;
  while (Date.now() < deadline && targets.some(isAlive)) pauseSync(10);
  for (const pid of targets) if (isAlive(pid)) signalTree(pid, 'SIGKILL');
}

function onExit(): void {
  endSync([...pids]);
  if (current) rmSync(current, { recursive: true, force: true });
}

function onSignal(name: NodeJS.Signals): void {
  // With a listener of the program's own, the program decides when to end, and onExit does the rest.
  if (process.listenerCount(name) > 1) return;
  onExit();
  unhook();
  process.kill(process.pid, name);
}

function hook(): void {
  host.on('exit', onExit);
  // A test runner's process ends by its own rules.
  if (host === process) for (const name of SIGNALS) process.on(name, onSignal);
}

function unhook(): void {
  host.off('exit', onExit);
  for (const name of SIGNALS) process.off(name, onSignal);
}

/** Ends and removes what runs left behind whose process was killed. Only directories of our own user are touched. */
function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const dir = join(tmpdir(), name);
    try {
      if (statSync(dir).uid !== process.getuid?.()) continue;
      if (livingPid(readFileSync(join(dir, 'owner'), 'utf8'))) continue;
      const left = readdirSync(join(dir, 'pids')).map((pid) => readFileSync(join(dir, 'pids', pid), 'utf8'));
      endSync(left.flatMap((text) => livingPid(text) ?? []));
      // Children that were frozen when their parent was killed could not notice it.
      for (const pid of processesBelow(dir, 'postgres')) signal(pid, 'SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    } catch (error) {
      // Another process sweeps the same directory, or its owner has just begun to fill it.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

function runDir(): string {
  if (current) return current;
  assertReachable(tmpdir(), 'set TMPDIR to a folder that every user can enter');
  sweep();
  current = mkdtempSync(join(tmpdir(), PREFIX));
  mkdirSync(join(current, 'pids'));
  // The server user must pass through, but needs not list it.
  chmodSync(current, process.getuid?.() === 0 ? 0o711 : 0o700);
  writeFileSync(join(current, 'owner'), identity(process.pid));
  hook();
  return current;
}

/** A new empty directory for one server, owned by `user`. Everything in it is removed with `removeServerDir`. */
export function createServerDir(name: string, user: ServerUser | undefined): string {
  const dir = mkdtempSync(join(runDir(), `${name}-`));
  if (user) chownSync(dir, user.uid, user.gid);
  serverDirs.add(dir);
  return dir;
}

/** Removes a server's directory, and the run's when it was the last. */
export function removeServerDir(dir: string): void {
  rmSync(dir, { recursive: true, force: true });
  serverDirs.delete(dir);
  if (serverDirs.size > 0 || !current) return;
  rmSync(current, { recursive: true, force: true });
  current = undefined;
  unhook();
}

const pidFile = (dir: string, pid: number): string => join(dirname(dir), 'pids', basename(String(pid)));

/** Notes that `pid` serves from `dir`: it is ended when we exit, or by the next run if we are killed. */
export function noteProcess(dir: string, pid: number): void {
  pids.add(pid);
  writeFileSync(pidFile(dir, pid), identity(pid));
}

/** `pid` has ended. */
export function forgetProcess(dir: string, pid: number): void {
  pids.delete(pid);
  rmSync(pidFile(dir, pid), { force: true });
}
