/** Figures in sentences. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Three significant digits: `1.23 GiB`. */
export function bytesInWords(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : Number(value.toPrecision(3))} ${UNITS[power]}`;
}

export function secondsInWords(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}

/**
 * @param bytes what is read; null when not known.
 * @param rate bytes per second of earlier runs here, if there were any.
 * @param assumed bytes per second otherwise.
 */
export function expectedDuration(
  bytes: number | null,
  rate: number | undefined,
  assumed: number,
): { seconds: number | null; basis: string } {
  if (bytes === null) return { seconds: null, basis: 'unknown: its size could not be read, as somebody holds a lock' };
  const pace = `${bytesInWords(rate ?? assumed)}/s`;
  const basis =
    rate === undefined
      ? `${bytesInWords(bytes)} at ${pace}, an assumption: it has not been run on this target yet`
      : `${bytesInWords(bytes)} at ${pace}, the pace of its earlier runs on this target`;
  return { seconds: bytes / (rate ?? assumed), basis };
}
