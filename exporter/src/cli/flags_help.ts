import { collectors } from '../collectors/index.ts';
import { duration } from '../config/kinds.ts';
import { envNames, fileKey, type Group, isSwitch, type Setting, settings } from '../config/settings.ts';

const WIDTH = 100;

const wrap = (text: string, indent: string): string => {
  const lines = [indent];
  for (const word of text.split(' ')) {
    if (lines.at(-1)!.length + word.length > WIDTH) lines.push(indent);
    lines[lines.length - 1] += lines.at(-1) === indent ? word : ` ${word}`;
  }
  return lines.join('\n');
};

const flagLine = (setting: Setting): string =>
  isSwitch(setting) ? `  --[no-]${setting.flag}` : `  --${setting.flag}=${setting.kind.placeholder}`;

const shownDefault = ({ default: value, kind }: Setting): string => {
  const text = (typeof value === 'object' ? Object.values(value ?? {}) : [value ?? '']).join(',');
  const unit = kind === duration ? 's' : '';
  return text === '' ? '' : ` Default: ${text}${unit}.`;
};

const describe = (setting: Setting): string => {
  const elsewhere = [...envNames(setting), ...(setting.inFile === false ? [] : [`file: ${fileKey(setting)}`])];
  return [
    flagLine(setting),
    wrap(setting.help + shownDefault(setting), '      '),
    wrap(elsewhere.join(', '), '      '),
  ].join('\n');
};

const collectorSwitches = (): string => {
  const names = (enabled: boolean): string =>
    collectors
      .filter((collector) => (collector.enabled ?? true) === enabled)
      .map(({ name }) => name)
      .join(', ');
  const off = names(false);
  return [
    '  --[no-]collector.<name>',
    wrap(`On: ${names(true)}.`, '      '),
    ...(off === '' ? [] : [wrap(`Off unless asked for: ${off}.`, '      ')]),
  ].join('\n');
};

/** Every flag by group, with its default, environment variables and key in the file. */
export const flagsHelp = (): string => {
  const groups = [...new Set(settings.map(({ group }) => group))];
  const section = (group: Group): string => {
    const flags = settings.filter((setting) => setting.group === group).map(describe);
    return [`${group}:`, ...flags, ...(group === 'Collectors' ? [collectorSwitches()] : [])].join('\n');
  };
  return `\n${groups.map(section).join('\n\n')}\n`;
};
