import type { ConfigFile } from './file.ts';
import type { FileWindow } from './file_schema.ts';
import { BadValue, type Findings, quote, suggest } from './problems.ts';
import type { MaintenanceWindow } from './types.ts';

/** In JavaScript's order: 0 is Sunday. */
export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const EVERY_DAY = DAYS.map((_, day) => day);

/** The file's `windows:`. @param targets names of all targets. */
export const fileWindows = (
  { content, where }: ConfigFile,
  targets: readonly string[],
  findings: Findings,
): MaintenanceWindow[] => {
  const seen = new Set<string>();
  return (content.windows ?? []).flatMap((window, index) => {
    if (window === undefined) return [];
    const at = (field: string): string => where(['windows', index, field]);
    if (seen.has(window.name))
      findings.problem(at('name'), `another window is already called ${quote(window.name)}`, 'Give it another name.');
    seen.add(window.name);
    const read = <T>(field: string, parse: () => T, otherwise: T): T => findings.attempt(at(field), parse) ?? otherwise;
    return {
      name: window.name,
      days: read('days', () => dayNumbers(window.days), EVERY_DAY),
      from: read('from', () => minutes(window.from), 0),
      until: read('until', () => minutes(window.until), 0),
      timezone: read('timezone', () => timezone(window.timezone), 'UTC'),
      targets: read('targets', () => known(window.targets, targets), []),
    };
  });
};

const dayNumbers = (written: FileWindow['days']): readonly number[] => {
  if (written === undefined || written.length === 0) return EVERY_DAY;
  const numbers = written.map((name) => {
    const day = DAYS.findIndex((known) => known === name.toLowerCase());
    if (day < 0)
      throw new BadValue(`${quote(name)} is not a day`, `Write days: [${DAYS.join(', ')}], or some of them.`);
    return day;
  });
  return [...new Set(numbers)].sort((a, b) => a - b);
};

/** After midnight; 24:00 is the midnight at the end of the day. */
const minutes = (written: string): number => {
  const [, hours, rest] = /^(\d{1,2}):(\d{2})$/.exec(written.trim()) ?? [];
  const total = Number(hours) * 60 + Number(rest);
  if (!(total <= 1440 && Number(rest) < 60))
    throw new BadValue(`${quote(written)} is not a time of day`, 'Write for example "02:00", in quotes.');
  return total % 1440;
};

const timezone = (written: string | null | undefined): string => {
  if (written == null) return 'UTC';
  try {
    return new Intl.DateTimeFormat('en', { timeZone: written }).resolvedOptions().timeZone;
  } catch {
    throw new BadValue(`${quote(written)} is not a time zone`, 'Write one of the IANA names, such as Europe/Berlin.');
  }
};

const known = (written: FileWindow['targets'] = [], targets: readonly string[]): readonly string[] => {
  for (const name of written)
    if (!targets.includes(name)) throw new BadValue(`there is no target ${quote(name)}`, suggest(name, targets));
  return written;
};
