/** What a class of waits means, in a few words; PostgreSQL's manual, "Wait Event Types". */
const WORDS: Readonly<Record<string, string>> = {
  CPU: 'computing, waits for nothing that is recorded',
  IO: 'reading or writing files',
  Lock: 'waiting for a lock that another session holds',
  LWLock: 'waiting for a shared structure in memory',
  BufferPin: 'waiting for a page that another session reads',
  Buffer: 'waiting for a page that another session reads',
  Client: 'waiting for the application',
  IPC: 'waiting for another process of the server',
  Timeout: 'sleeping for a set time',
  Extension: 'waiting inside an extension',
};

/** Empty for classes that a later PostgreSQL adds. */
export const waitWords = (type: string): string => WORDS[type] ?? '';
