/** How far the load of a sample is: a bar on a terminal, elsewhere a line at every tenth. */
import { SingleBar } from 'cli-progress';

export interface LoadProgress {
  readonly rows: (done: number, total: number) => void;
  /** Something that follows the rows, and can't say how far it is. */
  readonly stage: (what: string) => void;
  /** @returns rate and duration, in words. */
  readonly stop: () => string;
}

const TENTHS = 10;

const whole = (value: number): string => Math.round(value).toLocaleString('en-GB');
const secondsSince = (began: number): number => (performance.now() - began) / 1000;

export function loadProgress(name: string, terminal: NodeJS.WriteStream, say: (text: string) => void): LoadProgress {
  const began = performance.now();
  let loaded = 0;
  let loadSeconds = 0;
  const rate = (): string => `${whole(loaded / Math.max(loadSeconds, 0.001))} rows/s`;
  const show = terminal.isTTY ? bar(name, terminal) : lines(name, say);
  return {
    rows: (done, total) => {
      loaded = done;
      loadSeconds = secondsSince(began);
      show.rows(done, total, rate());
    },
    stage: (what) => show.stage(what),
    stop: () => {
      show.stop();
      return `${rate()}, ${secondsSince(began).toFixed(1)} s with indexes and statistics.`;
    },
  };
}

interface Show {
  rows(done: number, total: number, rate: string): void;
  stage(what: string): void;
  stop(): void;
}

function bar(name: string, stream: NodeJS.WriteStream): Show {
  const single = new SingleBar({
    stream,
    format: `${name} {bar} {percentage} % | {value} of {total} | {text}`,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
  });
  let started = false;
  return {
    rows: (done, total, rate) => {
      if (!started) single.start(total, 0, { text: '' });
      started = true;
      single.update(done, { text: rate });
    },
    stage: (text) => single.update({ text }),
    stop: () => single.stop(),
  };
}

function lines(name: string, say: (text: string) => void): Show {
  let tenth = 0;
  return {
    rows: (done, total, rate) => {
      const now = Math.floor((TENTHS * done) / total);
      if (now === tenth) return;
      tenth = now;
      say(`${name}: ${whole(done)} of ${whole(total)} (${now * TENTHS} %), ${rate}\n`);
    },
    stage: (what) => say(`${name}: ${what}\n`),
    stop: () => undefined,
  };
}
