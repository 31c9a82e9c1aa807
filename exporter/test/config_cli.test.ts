import { runCli } from '../src/cli/main.ts';
import { envNames, settings } from '../src/config/settings.ts';

describe('pgvigil', () => {
  const run = async (
    argv: string[],
    env: Record<string, string> = { DATA_SOURCE_NAME: 'postgres://u@db/postgres' },
  ) => {
    const seen = { out: '', err: '', ran: '' };
    const note = (name: string) => () => Promise.resolve(void (seen.ran += name));
    const commands = { serve: note('serve'), check: note('check') };
    const streams = { out: (text: string) => (seen.out += text), err: (text: string) => (seen.err += text) };
    return { status: await runCli({ argv, env, version: '1.2.3', commands, groups: [], ...streams }), ...seen };
  };

  test.each([
    [[], 'serve'],
    [['--log.level=debug'], 'serve'],
    [['--log.level', 'debug', '--no-collector.locks'], 'serve'],
    [['serve', '--web.listen-address', ':1'], 'serve'],
    [['check', '--log.level=debug'], 'check'],
  ])('%j runs %s', async (argv, ran) => {
    expect(await run(argv)).toMatchObject({ status: 0, ran, err: '' });
  });

  test.each([[['--nope']], [['sevre']], [['serve', 'stray']], [['check', '--log.level=x']]])(
    '%j ends with 2',
    async (argv) => {
      expect(await run(argv)).toMatchObject({
        status: 2,
        ran: '',
        err: expect.stringContaining('pgvigil: ') as string,
      });
    },
  );

  test('explains itself', async () => {
    expect(await run(['--version'])).toMatchObject({ status: 0, out: '1.2.3\n', ran: '' });
    const short = await run(['--help']);
    expect(short.out.match(/^ {2}.*pgvigil.*$/gm)?.length).toBe(3);
    expect(short.out).not.toContain('--log.format');
    const { out } = await run(['serve', '--help']);
    for (const setting of settings)
      for (const name of [`${setting.flag}`, ...envNames(setting)]) expect(out).toContain(name);
    expect(out).toMatch(/Off unless asked for: stat_activity_autovacuum/);
  });
});
