import { Command, CommanderError } from 'commander';
import type { Environment } from '../config/dsn.ts';
import { ConfigError, loadConfig } from '../config/load.ts';
import { BadValue, suggest } from '../config/problems.ts';
import type { Config } from '../config/types.ts';
import { DatabaseFailure } from '../db/errors.ts';
import { StateMissing, StateUnavailable } from '../store/store.ts';
import { flagsHelp } from './flags_help.ts';
import type { AddCommands } from './group.ts';

/** What a command does once the configuration is known; a number is the exit status. */
export type Run = (config: Config, warnings: readonly string[]) => Promise<number | void>;

export interface CliInput {
  /** Without the interpreter and the program. */
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly version: string;
  readonly commands: Readonly<Record<'serve' | 'check', Run>>;
  /** Commands with options of their own, which need no configuration of the exporter. */
  readonly groups: readonly AddCommands[];
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const USAGE_ERROR = 2;

const SUMMARIES = {
  serve: 'serve metrics (the default command)',
  check: 'connect to every target, say what would be collected and what is missing',
};

const EXAMPLES = `
Examples:
  DATA_SOURCE_NAME=postgresql://monitor@db:5432/postgres pgvigil
  pgvigil --config.file=pgvigil.yml --web.listen-address=:9187
  pgvigil check --config.file=pgvigil.yml

All flags: pgvigil serve --help
`;

/** Runs a command and gives its exit status: 2 where the command line or the configuration is wrong. */
export const runCli = async (input: CliInput): Promise<number> => {
  const { argv, env, version, commands, groups, out, err } = input;
  let status = 0;
  const program = new Command('pgvigil')
    .description('PostgreSQL and PgBouncer: metrics for Prometheus, and the SQL that goes with them.')
    .usage('[command] [flags]')
    .version(version, '--version')
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err })
    .addHelpText('after', EXAMPLES);

  for (const [name, run] of Object.entries(commands) as [keyof typeof SUMMARIES, Run][]) {
    // The table of settings knows the flags better: it reports all problems at once and never repeats a value.
    const command = program
      .command(name, { isDefault: name === 'serve' })
      .summary(SUMMARIES[name])
      .description(`pgvigil ${name}: ${SUMMARIES[name]}.`)
      .usage('[flags]')
      .allowUnknownOption()
      .allowExcessArguments()
      .addHelpText('after', flagsHelp);
    command.action(async () => {
      const { config, warnings } = loadConfig({ argv: command.args, env });
      status = (await run(config, warnings)) ?? 0;
    });
  }

  for (const add of groups) add(program, { env, out, err, finish: (code) => (status = code) });

  const [first] = argv;
  const known = program.commands.map((command) => command.name()).concat('help');
  if (first !== undefined && !first.startsWith('-') && !known.includes(first)) {
    err(`pgvigil: there is no such command. ${suggest(first, known)}\n`);
    return USAGE_ERROR;
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_ERROR;
    if (error instanceof ConfigError) err(`pgvigil: ${error.message}\n`);
    else if (error instanceof BadValue) err(`pgvigil: ${error.message}\n         ${error.cure}\n`);
    else if (error instanceof DatabaseFailure) return (err(`pgvigil: ${error.message}\n`), 1);
    else if (error instanceof StateUnavailable) return (err(`pgvigil: state database: ${error.message}\n`), 1);
    else if (error instanceof StateMissing)
      return (err(`pgvigil: state database: ${error.message}\n         Cure: pgvigil state migrate\n`), 1);
    else throw error;
    return USAGE_ERROR;
  }
};
