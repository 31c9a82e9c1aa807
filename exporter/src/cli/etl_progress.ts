/** How far a load is: a bar on a terminal, elsewhere a line now and then. */
import { SingleBar } from 'cli-progress';
import type { Progress } from '../etl/load.ts';
import { duration } from './duration.ts';

export interface ProgressReport {
  readonly update: (progress: Progress) => void;
  readonly stop: () => void;
}

/** Between two lines where there is no terminal. */
const LINE_SECONDS = 10;

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const percent = (part: number, of: number): string => `${((100 * part) / of).toFixed(1)} %`;

/** The figures of a load that has gone on for `seconds`. */
export function rates(read: number, seconds: number): string {
  const perSecond = read / Math.max(seconds, 0.001);
  return `${whole(perSecond)} rows/s, ${whole(perSecond * 3600)} tracks/hour`;
}

/**
 * @param sizeBytes undefined where the end is not known.
 * @param from position at which the load takes the source up.
 */
export function reportProgress(
  stream: NodeJS.WriteStream,
  sizeBytes: number | undefined,
  from: number,
): ProgressReport {
  const began = performance.now();
  const text = ({ counts, positionBytes }: Progress): string => {
    const seconds = (performance.now() - began) / 1000;
    const parts = [`${whole(counts.read)} rows`, rates(counts.read, seconds), `${whole(counts.rejected)} rejected`];
    if (sizeBytes !== undefined) {
      const left = ((sizeBytes - positionBytes) / (positionBytes - from)) * seconds;
      parts.push(`${duration(left)} left`);
    }
    return parts.join(' | ');
  };
  if (stream.isTTY && sizeBytes !== undefined) {
    const bar = new SingleBar({
      stream,
      format: '{bar} {percentage} % | {text}',
      hideCursor: true,
      clearOnComplete: true,
    });
    bar.start(sizeBytes, from, { text: 'starting' });
    return {
      update: (progress) => bar.update(progress.positionBytes, { text: text(progress) }),
      stop: () => bar.stop(),
    };
  }
  let last = began;
  return {
    update: (progress) => {
      if (performance.now() - last < LINE_SECONDS * 1000) return;
      last = performance.now();
      const done = sizeBytes === undefined ? '' : `${percent(progress.positionBytes, sizeBytes)} | `;
      stream.write(`${done}${text(progress)}\n`);
    },
    stop: () => undefined,
  };
}
