// Run by windows.ts: `windows_main.ts STATE_URL FROM TO ROUNDS` prints the measures as JSON.
import { takeWindows } from './windows.ts';

const [stateUrl, from, to, rounds] = process.argv.slice(2);
const measures = await takeWindows(stateUrl, { from: new Date(from), to: new Date(to) }, Number(rounds));
process.stdout.write(JSON.stringify(measures));
