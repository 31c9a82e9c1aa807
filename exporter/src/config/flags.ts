import { builtInNames, currentName } from './collector_names.ts';
import { boolean } from './kinds.ts';
import { nearest } from './nearest.ts';
import { BadValue, type Findings, suggest } from './problems.ts';
import { isSwitch, type Setting, settings } from './settings.ts';

/** What the command line says: parsed values by setting key, collectors switched on or off by name. */
export interface Flags {
  readonly values: Map<string, unknown>;
  readonly collectors: Map<string, boolean>;
}

/** Flags of the peers that we leave out on purpose: why, and what to do instead. */
const REFUSED: Readonly<Record<string, readonly [why: string, instead: string]>> = {
  'metric-prefix': [
    'renaming every metric would break the dashboards and alerts that know these names',
    'Rename with metric_relabel_configs in Prometheus, or tell exporters apart with --constantLabels.',
  ],
  dumpmaps: ['there are no built-in maps to dump', 'Run "pgvigil check" to see which collectors run and why.'],
  'web.systemd-socket': [
    'sockets handed over by systemd are not supported',
    'Remove the .socket unit and use --web.listen-address.',
  ],
  'pgBouncer.pid-file': [
    "PgBouncer's process metrics are not read from a pid file",
    'Use node_exporter or process-exporter for CPU and memory of that process.',
  ],
};

interface Target {
  /** Whether `--no-` works and no value is needed. */
  readonly switch: boolean;
  readonly set: (written: string) => void;
}

const bySetting = new Map(settings.map((setting) => [setting.flag, setting]));

/** Reads the arguments after the command's name. Every slip is noted in `findings`; none throws, and no value is repeated. */
export const parseFlags = (argv: readonly string[], findings: Findings): Flags => {
  const flags: Flags = { values: new Map(), collectors: new Map() };
  for (let index = 0; index < argv.length; index++) {
    const [, name, inline] = /^--([^=]+)(?:=(.*))?$/s.exec(argv[index]) ?? [];
    if (name === undefined) {
      findings.problem(
        `argument ${index + 1}`,
        'this is not a flag',
        'Flags begin with two dashes: --name=value or --name value.',
      );
      continue;
    }
    const negated = name.startsWith('no-');
    const bare = negated ? name.slice(3) : name;
    const where = `--${name}`;
    const target = find(bare, flags);
    if (target === undefined || (negated && !target.switch)) {
      const [message, cure] = unknown(bare, negated && target !== undefined);
      findings.problem(where, message, cure);
      // Otherwise the value of a misspelt flag would be reported as a second problem.
      if (inline === undefined && argv[index + 1]?.startsWith('-') === false) index++;
      continue;
    }
    let written = inline;
    if (target.switch) written ??= 'true';
    else if (written === undefined && argv[index + 1]?.startsWith('--') === false) written = argv[++index];
    findings.attempt(where, () => {
      if (written === undefined) throw new BadValue('the value is missing', `Write ${where}=value.`);
      target.set(negated ? String(!boolean.parse(written)) : written);
    });
  }
  return flags;
};

const find = (name: string, { values, collectors }: Flags): Target | undefined => {
  const setting = bySetting.get(name);
  if (setting !== undefined) return { switch: isSwitch(setting), set: (written) => setValue(values, setting, written) };
  const collector = currentName(name.replace(/^collector\./, ''));
  if (!name.startsWith('collector.') || !builtInNames().includes(collector)) return undefined;
  return { switch: true, set: (written) => collectors.set(collector, boolean.parse(written)) };
};

const setValue = (values: Map<string, unknown>, { key, kind }: Setting, written: string): void => {
  const value = kind.parse(written);
  const before = kind.many ? ((values.get(key) as unknown[] | undefined) ?? []) : [];
  values.set(key, kind.many ? [...before, ...(value as unknown[])] : value);
};

const unknown = (name: string, notASwitch: boolean): [message: string, cure: string] => {
  if (notASwitch) return ['this flag takes a value and cannot be negated', `Remove it, or write --${name}=value.`];
  if (Object.hasOwn(REFUSED, name)) return [REFUSED[name][0], REFUSED[name][1]];
  // Compared without "collector.": the shared prefix would make strangers look near.
  const collector = /^collector\.([^.]+)$/.exec(name)?.[1];
  if (collector !== undefined) return [`there is no collector ${collector}`, suggest(collector, builtInNames())];
  const near = nearest(name, [...bySetting.keys(), ...builtInNames().map((known) => `collector.${known}`)]);
  return ['there is no such flag', near === undefined ? 'See "pgvigil serve --help".' : `Did you mean "--${near}"?`];
};
