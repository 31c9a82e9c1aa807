/** What a process has used, from /proc. */
import { readdirSync, readFileSync } from 'node:fs';

/** Of utime and stime in /proc/<pid>/stat; Linux has fixed it for user space. */
const TICKS_PER_SECOND = 100;

/** CPU time of all threads so far, in ms: by nanoseconds where the kernel counts them, else by ticks of 10 ms. */
export function cpuMs(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).reduce((total, thread) => {
      const [ran] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
      return total + Number(ran) / 1e6;
    }, 0);
  } catch {
    // The command's name, in parentheses, may contain blanks.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
  }
}

/** Resident memory now and at most, in MiB. */
export function memoryMib(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { now: mib('VmRSS'), peak: mib('VmHWM') };
}

/** How long the main thread has been ready to run without a CPU to run on, in ms; NaN where the kernel does not say. */
export function waitedMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return NaN;
  }
}
