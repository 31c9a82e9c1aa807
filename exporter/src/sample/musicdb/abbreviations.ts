/** Words that one source writes out and another doesn't. */
import type { Random } from '../random.ts';

/** Both ways where that makes sense. */
const RULES: readonly (readonly [RegExp, string])[] = [
  [/ (and|y|und|et|e|och|i|и|και) /giu, ' & '],
  [/ & /g, ' and '],
  [/\bPt\. /g, 'Part '],
  [/\bPart (?=\d)/g, 'Pt. '],
  [/\bPart One\b/g, 'Pt. 1'],
  [/\bPart Two\b/g, 'Pt. 2'],
  [/\bSt\. /g, 'Saint '],
  [/\bDJ /g, 'D.J. '],
  [/\byou\b/gi, 'u'],
  [/\byour\b/gi, 'ur'],
  [/\bfor\b/gi, '4'],
  [/\bto\b/gi, '2'],
  [/\b(love)\b/gi, 'luv'],
  [/\bnight\b/gi, 'nite'],
  [/ Brothers\b/g, ' Bros.'],
  [/ Orchestra\b/g, ' Orch.'],
  [/ Version\b/g, ' Ver.'],
  [/\bInstrumental\b/g, 'Instr.'],
  [/\bRemastered\b/g, 'Remast.'],
  [/\bmountain\b/gi, 'mt.'],
  [/\bone\b/gi, '1'],
];
/** `James Arden` → `J. Arden`. */
const FIRST_NAME = /^(\p{Lu})\p{Ll}{2,} (?=\p{Lu}\p{Ll}+$)/u;

/** The text with one or two of the rules that fit; unchanged where none does. */
export function abbreviate(text: string, random: Random): string {
  if (FIRST_NAME.test(text) && random.chance(0.25)) return text.replace(FIRST_NAME, '$1. ');
  const fitting = RULES.filter(([long]) => text.search(long) >= 0);
  if (fitting.length === 0) return text;
  const [long, short] = random.pick(fitting);
  return text.replace(long, short);
}
