/** The ten ways in which a second source gets a recording wrong. docs/sample-data.md shows one of each. */
import { type Random, weighted } from '../random.ts';
import { abbreviate } from './abbreviations.ts';
import { type Draft, rewrite, texts } from './draft.ts';
import { mojibake, questionMarks, transliterate, withoutDiacritics } from './encoding.ts';
import { englishSpeaker } from './names.ts';
import { isTagged } from './recording.ts';

/** Changes the draft. @returns false, and changes nothing, where the recording gives no occasion. */
type Corruption = (draft: Draft, random: Random) => boolean;

/** One or two wrong, lost, doubled or exchanged letters in the title or the artist. */
const typo: Corruption = (draft, random) => {
  const field = draft.credit !== null && random.chance(0.35) ? 'credit' : 'title';
  const before = draft[field]!;
  let text = mistype(before, random);
  if (random.chance(0.3)) text = mistype(text, random);
  draft[field] = text;
  return text !== before;
};

function mistype(text: string, random: Random): string {
  const words = [...text.matchAll(/\p{L}{4,}/gu)];
  if (words.length === 0) return text;
  const { 0: word, index } = random.pick(words);
  const letters = Array.from(word);
  const at = random.between(1, letters.length - 2);
  const edits = [
    () => letters.splice(at, 1),
    () => letters.splice(at, 0, letters[at]),
    () => letters.splice(at, 1, random.pick(letters)),
    () => letters.splice(at, 2, letters[at + 1], letters[at]),
    () => letters.splice(at, 2, letters[at + 1], letters[at]),
  ];
  random.pick(edits)();
  return text.slice(0, index) + letters.join('') + text.slice(index + word.length);
}

/** Capitals, punctuation and accents are lost, in one of three ways. */
const plain: Corruption = (draft, random) => {
  const before = JSON.stringify(texts(draft));
  const case_ = random.pick([(text: string) => text.toUpperCase(), (text: string) => text.toLowerCase()]);
  rewrite(draft, (text) => {
    const letters = case_(withoutDiacritics(text)).replaceAll(/(?<=[^\s(])[^\p{L}\p{N}\s]+|[^\p{L}\p{N}\s]+$/gu, '');
    return letters.replaceAll(/[,()?!]/g, '') || text;
  });
  draft.style = { ...draft.style, version: [' ', ''], guest: [' feat ', ''] };
  return JSON.stringify(texts(draft)) !== before;
};

const ARTICLE = /^(the|los|la|les|le|el|die|os|de) (?=\S)/i;

/** `Beatles, The`; `Lennon, John`; or two words of the title change places. */
const wordOrder: Corruption = (draft, random) => {
  const behind = (text: string): string => {
    const [first] = text.split(' ', 1);
    return text.includes(' ') ? `${text.slice(first.length + 1)}, ${first}` : text;
  };
  const { title, credit } = draft;
  if (credit !== null && (ARTICLE.test(credit) || (credit.split(' ').length === 2 && random.chance(0.6)))) {
    draft.credit = behind(credit);
  } else if (ARTICLE.test(title)) {
    draft.title = behind(title);
  } else {
    const words = title.split(' ');
    if (words.length < 2) return false;
    const at = random.between(0, words.length - 2);
    words.splice(at, 2, words[at + 1], words[at]);
    draft.title = words.join(' ');
  }
  return draft.title !== title || draft.credit !== credit;
};

const abbreviation: Corruption = (draft, random) => rewrite(draft, (text) => abbreviate(text, random));

/** A guest's credit moves between title and artist, in other words; or only this source names the guest. */
const featuring: Corruption = (draft, random) => {
  if (draft.guest === '') draft.guest = englishSpeaker.artist(random);
  const toTitle = draft.style.guestIn === 'credit';
  const guest = toTitle
    ? random.pick([[' (feat. ', ')'] as const, [' [ft. ', ']'] as const, [' (with ', ')'] as const])
    : random.pick([[' & ', ''] as const, [' x ', ''] as const, [' feat. ', ''] as const, ['; ', ''] as const]);
  draft.style = { ...draft.style, guest, guestIn: toTitle ? 'title' : 'credit' };
  return true;
};

const PREFIXES = [(n: string) => `${n} - `, (n: string) => `${n}. `, (n: string) => `${n} `] as const;
const ANY_SUFFIX = [' [Official Audio]', ' (Official Video)', ' (Lyrics)', ' [HQ]', ' (Explicit)', ' (Audio)'];
/** True of a studio recording only. */
const STUDIO_SUFFIX = [' (Album Version)', ' (Original Version)', ' (Single)', ' - Original'];

/** A track number before the title, or a remark behind it. */
const noise: Corruption = (draft, random) => {
  const { trackNumber, year, recording } = draft;
  if (trackNumber !== null && random.chance(0.35)) {
    draft.prefix = random.pick(PREFIXES)(String(trackNumber).padStart(2, '0'));
  } else {
    const dated = year === null ? [] : [` (${year})`];
    draft.suffix = random.pick(isTagged(recording) ? ANY_SUFFIX : [...ANY_SUFFIX, ...STUDIO_SUFFIX, ...dated]);
  }
  return true;
};

const MUCH = 12;

/** The title, or else the album, is cut where a column ended. What tells a version from its sibling stays. */
const truncated: Corruption = (draft, random) => {
  const { title, album, recording } = draft;
  const cut = (text: string): string => {
    const length = Math.max(8, Math.floor(text.length * (0.55 + 0.3 * random.fraction())));
    return text.slice(0, length).trimEnd() + random.pick(['', '', '…', '...']);
  };
  if (!isTagged(recording) && title.length >= MUCH) {
    draft.title = cut(title);
    return true;
  }
  if (recording.albumTells || album === null || album.length < MUCH) return false;
  draft.album = cut(album);
  return true;
};

/** One or two of album, year and duration aren't there; the album only alone: it could be what tells a reissue. */
const missing: Corruption = (draft, random) => {
  const choices = draft.recording.albumTells
    ? [['year'], ['duration'], ['year', 'duration']]
    : [['album'], ['year'], ['duration'], ['year', 'duration']];
  const fields = random.pick(choices);
  if (fields.includes('album')) draft.album = null;
  if (fields.includes('year')) draft.year = null;
  if (fields.includes('duration')) draft.durationMs = null;
  draft.missing.push(...fields);
  return true;
};

/** UTF-8 read as something else, letters replaced, or another script written by its sound. */
const encoding: Corruption = (draft, random) => {
  if (random.chance(0.5) && rewrite(draft, transliterate)) return true;
  const lossy = /^[\p{Script=Latin}\P{L}]*$/u.test(draft.title + draft.credit) && random.chance(0.25);
  return rewrite(draft, lossy ? questionMarks : mojibake);
};

/** Title and artist in each other's column. */
const swapped: Corruption = (draft) => {
  draft.swapped = draft.credit !== null;
  return draft.swapped;
};

const corruptions = {
  typo,
  plain,
  word_order: wordOrder,
  abbreviation,
  featuring,
  noise,
  truncated,
  missing,
  encoding,
  swapped,
};

export type CorruptionKind = keyof typeof corruptions;
export const CORRUPTION_KINDS = Object.keys(corruptions) as CorruptionKind[];

const kinds = weighted<CorruptionKind>({
  typo: 16,
  plain: 14,
  word_order: 9,
  abbreviation: 11,
  featuring: 10,
  noise: 14,
  truncated: 9,
  missing: 11,
  encoding: 12,
  swapped: 5,
});

/** Damages the draft in one way, other than those there have been. @returns its kind. */
export function corrupt(draft: Draft, random: Random, but?: CorruptionKind): CorruptionKind {
  for (;;) {
    const kind = kinds.draw(random);
    if (kind !== but && corruptions[kind](draft, random)) return kind;
  }
}
