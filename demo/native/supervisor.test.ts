import { join } from 'node:path';
import { mustRun, systemCommand } from '../servers/process.ts';

/** It watches the test, which outlives it, and nothing else keeps it running. */
const PROGRAM = `
  import { Supervisor } from ${JSON.stringify(join(import.meta.dirname, 'supervisor.ts'))};
  new Supervisor('test', { pid: ${process.pid} }, console.log);
  setTimeout(() => { console.log('still there'); process.exit(); }, 500).unref();`;

test('who supervises stays until the end of it: a stack does not end as soon as it is up', async () => {
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', PROGRAM];
  expect(await mustRun(systemCommand(process.execPath), args)).toBe('still there\n');
});
