/** What titles and names of a language are made of. Lists are in the order of frequency: Zipf's law is applied to them. */
export interface Language {
  /** ISO 639-1. */
  readonly code: string;
  /** How many artists out of all (the shares need not add up to anything). */
  readonly share: number;
  /** ISO 3166-1 of those who sing in it, the commonest first. */
  readonly countries: readonly string[];
  readonly words: readonly string[];
  /** `*` is a word, `@` an invented name, `#` a number from 2 to 99. */
  readonly titles: readonly string[];
  /** `%` is a first name, `@` an invented surname, `*` a word. */
  readonly artists: readonly string[];
  readonly firstNames: readonly string[];
  /** Invented names are two to three of these: they make the long tail of rare words. */
  readonly syllables: readonly string[];
  /** Every word of a title gets a capital, not the first alone. */
  readonly titleCase: boolean;
}

/** Splits a list written as one text at its blanks. */
export const list = (text: string): readonly string[] => text.trim().split(/\s+/);
