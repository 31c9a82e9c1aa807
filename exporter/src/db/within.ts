/**
 * What is asked of a server that may be silent. A timeout of pg's own would leave the session unusable and open: here
 * `end` closes it, and what waits on it fails.
 * @param seconds after which the answer is not waited for any more.
 */
export async function within<T>(seconds: number, work: Promise<T>, end: () => void): Promise<T> {
  const timer = setTimeout(end, seconds * 1000);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
