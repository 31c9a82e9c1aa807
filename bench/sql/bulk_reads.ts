/** Reads one track by its key again and again, at a steady pace, in a thread of its own: how long others wait. */
import { setTimeout } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import pg from 'pg';

const PER_SECOND = 200;

interface Task {
  readonly url: string;
  readonly ids: readonly string[];
}

export interface Reads {
  /** @returns milliseconds from when a read was due to its answer. */
  stop(): Promise<number[]>;
}

export function startReads(task: Task): Reads {
  const worker = new Worker(new URL(import.meta.url), { workerData: task });
  const answer = new Promise<number[]>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  return {
    stop: () => {
      worker.postMessage('stop');
      return answer;
    },
  };
}

async function read({ url, ids }: Task): Promise<void> {
  let stopped = false;
  parentPort!.once('message', () => (stopped = true));
  const client = new pg.Client(url);
  await client.connect();
  const text = 'select title from musicdb.tracks where external_id = $1';
  const times: number[] = [];
  const began = performance.now();
  for (let i = 0; !stopped; i++) {
    const due = began + (i * 1000) / PER_SECOND;
    if (performance.now() < due) await setTimeout(due - performance.now());
    await client.query({ name: 'point_read', text, values: [ids[(i * 7919) % ids.length]] });
    times.push(performance.now() - due);
  }
  await client.end();
  parentPort!.postMessage(times);
}

if (!isMainThread) await read(workerData as Task);
