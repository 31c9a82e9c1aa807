import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

interface ProcStat {
  readonly pid: number;
  /** The program's name, cut to 15 characters. */
  readonly name: string;
  readonly parent: number;
  readonly state: string;
  /** Clock ticks between boot and the process's start: with the pid, an identity that is not reused. */
  readonly started: string;
}

function readStat(pid: number): ProcStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
    const close = text.lastIndexOf(')');
    const name = text.slice(text.indexOf('(') + 1, close);
    const fields = text.slice(close + 2).split(' ');
    return { pid, name, state: fields[0] ?? '?', parent: Number(fields[1]), started: fields[19] ?? '?' };
  } catch {
    return undefined;
  }
}

/** Whether `pid` runs; a zombie (ended, not yet waited for) counts as ended. */
export function isAlive(pid: number): boolean {
  const stat = readStat(pid);
  return stat !== undefined && stat.state !== 'Z' && stat.state !== 'X';
}

/** A text naming this very process, for `livingPid` later, when the pid may belong to another. */
export function identity(pid: number): string {
  return `${pid} ${readStat(pid)?.started ?? '?'}`;
}

/** The pid in `text` (from `identity`) if that same process is still alive. */
export function livingPid(text: string): number | undefined {
  const pid = Number(text.split(' ')[0]);
  return pid > 1 && isAlive(pid) && identity(pid) === text.trim() ? pid : undefined;
}

function allProcesses(): ProcStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(Number(name)) ?? []);
}

/** Processes of the program `name` whose working directory is below `dir`, as far as we may see that. */
export function processesBelow(dir: string, name: string): number[] {
  const isBelow = (pid: number): boolean => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(`${dir}/`);
    } catch {
      return false;
    }
  };
  return allProcesses().flatMap((stat) => (stat.name === name && isBelow(stat.pid) ? stat.pid : []));
}

/** All living descendants of `pid`, nearest first, without `pid` itself. */
export function descendants(pid: number): number[] {
  const all = allProcesses();
  const found = [pid];
  for (const parent of found) found.push(...all.filter((stat) => stat.parent === parent).map((stat) => stat.pid));
  return found.slice(1);
}

/** Sends a signal, ignoring a process that is already gone. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Signals `pid` and all its descendants. The root goes first, so that a stopped one cannot start another child while we
 * look; children are listed again until no new one turns up.
 */
export function signalTree(pid: number, name: NodeJS.Signals): void {
  const done = new Set<number>();
  for (let fresh = [pid]; fresh.length > 0; fresh = descendants(pid).filter((child) => !done.has(child))) {
    // Listed before the root dies, as its orphans could no longer be found below it.
    const below = name === 'SIGKILL' ? descendants(pid) : [];
    for (const target of [...fresh, ...below]) {
      done.add(target);
      signal(target, name);
    }
  }
}
