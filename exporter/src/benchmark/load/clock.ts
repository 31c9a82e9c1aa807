/** Milliseconds, monotonic, to a fraction of a microsecond, and the same in all threads; performance.now() is not. */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}
