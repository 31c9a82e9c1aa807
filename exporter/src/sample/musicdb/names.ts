/** Titles and names that nobody has used before, and yet in the words that everybody uses. */
import { type Random, Weighted, zipf } from '../random.ts';
import { english } from './words/english.ts';
import { european } from './words/european.ts';
import type { Language } from './words/language.ts';
import { otherScripts } from './words/scripts.ts';

const INVENTED_WORDS = 0.12;

/** Makes titles and names of one language. */
export class Speaker {
  readonly code: string;
  readonly #language: Language;
  readonly #words: Weighted<string>;
  readonly #countries: Weighted<string>;
  readonly #firstNames: Weighted<string>;

  constructor(language: Language) {
    this.code = language.code;
    this.#language = language;
    this.#words = zipf(language.words, 3);
    this.#countries = zipf(language.countries);
    this.#firstNames = zipf(language.firstNames, 4);
  }

  country(random: Random): string {
    return this.#countries.draw(random);
  }

  title(random: Random): string {
    const title = this.#fill(random.pick(this.#language.titles), random);
    return this.#language.titleCase ? title.replaceAll(/(?<=^|[ (])\p{Ll}/gu, upper) : capital(title);
  }

  artist(random: Random): string {
    return this.#fill(random.pick(this.#language.artists), random).replaceAll(/(?<= |^)\p{Ll}{4,}/gu, capital);
  }

  /** A surname or a place. */
  name(random: Random): string {
    const { syllables } = this.#language;
    const length = random.chance(0.6) ? 2 : 3;
    let name = '';
    for (let i = 0; i < length; i++) name += random.pick(syllables);
    return capital(name);
  }

  #fill(template: string, random: Random): string {
    let text = '';
    for (const sign of template.trim()) {
      if (sign === '*') text += random.chance(INVENTED_WORDS) ? this.name(random) : this.#words.draw(random);
      else if (sign === '@') text += this.name(random);
      else if (sign === '%') text += this.#firstNames.draw(random);
      else if (sign === '#') text += random.between(2, 99);
      else text += sign;
    }
    return text;
  }
}

const upper = (text: string): string => text.toUpperCase();
const capital = (text: string): string => text.replace(/\p{L}/u, upper);

const languages = [english, ...european, ...otherScripts];

export const speakers = new Weighted(
  languages.map((language) => new Speaker(language)),
  languages.map(({ share }) => share),
);
/** Guests, remixers and labels are named in it whoever the artist is. */
export const englishSpeaker = new Speaker(english);
