import { ServerUnavailable } from '../../../demo/servers/index.ts';

/** What `work` gives, or nothing and a note where this machine cannot have the server or the tool. */
export async function ifAvailable<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ServerUnavailable)) throw error;
    process.stderr.write(`skipped: ${error.message}\n`);
    return undefined;
  }
}
