/** Runs promtool on files of a folder. */
import { run, tool } from '../../demo/servers/index.ts';

export interface Verdict {
  readonly file: string;
  readonly passed: boolean;
  /** What promtool says about it. */
  readonly text: string;
}

const HEAD = /^Unit Testing: +(.+)$/;

/** One verdict for each file, from one process. @throws ServerUnavailable; Error when it says nothing of a file */
export async function testRules(folder: string, files: readonly string[]): Promise<Verdict[]> {
  const command = await tool('promtool');
  // Both kinds of output in the order in which they were written.
  const merged = { ...command, file: '/bin/sh', args: ['-c', 'exec "$@" 2>&1', 'sh', command.file, ...command.args] };
  const { stdout } = await run(merged, ['test', 'rules', ...files], { cwd: folder });
  const parts = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of stdout.split('\n')) {
    const [, file] = HEAD.exec(line) ?? [];
    if (file === undefined) current.push(line);
    else parts.set(file, (current = []));
  }
  return files.map((file) => {
    const lines = parts.get(file);
    if (!lines) throw new Error(`promtool says nothing of ${file}:\n${stdout}`);
    return { file, passed: lines.some((line) => line.trim() === 'SUCCESS'), text: lines.join('\n').trim() };
  });
}

/** @throws ServerUnavailable */
export async function checkRules(folder: string, files: readonly string[]): Promise<{ passed: boolean; text: string }> {
  const { code, stdout, stderr } = await run(await tool('promtool'), ['check', 'rules', ...files], { cwd: folder });
  return { passed: code === 0, text: `${stdout}${stderr}` };
}
