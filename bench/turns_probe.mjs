// Loaded into the exporter by longest_turn.ts: the CPU time of each turn of the event loop. A clock would count the
// waiting for a processor too. SIGUSR2 writes the longest turn since the last one, in milliseconds.
import { writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers';

const file = process.env.TURNS_FILE;
let last = process.threadCpuUsage();
let longest = 0;

function turn() {
  const now = process.threadCpuUsage();
  longest = Math.max(longest, (now.user + now.system - last.user - last.system) / 1000);
  last = now;
  setImmediate(turn);
}
turn();

process.on('SIGUSR2', () => {
  writeFileSync(file, String(longest));
  longest = 0;
});
