/** What happens to letters on their way through systems that know no Unicode. */

/** Windows-1252 from 0x80 to 0x9f; a blank where it defines nothing, which readers take for the control character. */
const CP1252 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

const asCp1252 = (byte: number): string => {
  const sign = byte >= 0x80 && byte <= 0x9f ? CP1252[byte - 0x80] : ' ';
  return sign === ' ' ? String.fromCharCode(byte) : sign;
};

/** UTF-8 read as Windows-1252: `é` becomes `Ã©`. */
export const mojibake = (text: string): string =>
  text.replaceAll(/[^\0-\x7f]+/g, (letters) => Array.from(Buffer.from(letters, 'utf8'), asCp1252).join(''));

/** Letters outside ASCII that were replaced where they could not be kept. */
export const questionMarks = (text: string): string => text.replaceAll(/[^\0-\x7f]/g, '?');

/** Accents are taken off by Unicode's decomposition; these letters have none. */
const UNDECOMPOSED: Readonly<Record<string, string>> = {
  ...{ ß: 'ss', ø: 'o', Ø: 'O', ł: 'l', Ł: 'L', æ: 'ae', œ: 'oe', ı: 'i', đ: 'd', '’': "'", '¿': '', '¡': '' },
};

export const withoutDiacritics = (text: string): string =>
  text
    .normalize('NFD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .replaceAll(/[ßøØłŁæœıđ’¿¡]/g, (letter) => UNDECOMPOSED[letter])
    .normalize('NFC');

const pairs = (letters: string, latin: string): [string, string][] => {
  const sounds = latin.split(' ');
  return Array.from(letters, (letter, index) => [letter, sounds[index]]);
};

const LATIN = new Map([
  ...pairs(
    'абвгдеёжзийклмнопрстуфхцчшщъыьэюя',
    "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch ' y ' e yu ya",
  ),
  ...pairs('αβγδεζηθικλμνξοπρσςτυφχψω', 'a v g d e z i th i k l m n x o p r s s t y f ch ps o'),
  ...pairs(
    'あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをんがぎぐげござじずぜぞだぢづでどばびぶべぼぱぴぷぺぽ',
    'a i u e o ka ki ku ke ko sa shi su se so ta chi tsu te to na ni nu ne no ha hi fu he ho ma mi mu me mo ya yu yo ra ri ru re ro wa wo n ga gi gu ge go za ji zu ze zo da ji zu de do ba bi bu be bo pa pi pu pe po',
  ),
]);

const HIRAGANA_BELOW_KATAKANA = 0x60;

/** Cyrillic, Greek and kana by their sound; everything else as it is. */
export function transliterate(text: string): string {
  const hiragana = text.replaceAll(/[\u30a1-\u30f4]/g, (kana) =>
    String.fromCharCode(kana.charCodeAt(0) - HIRAGANA_BELOW_KATAKANA),
  );
  return Array.from(hiragana, (letter) => {
    const lower = letter.toLowerCase();
    const latin = LATIN.get(lower) ?? LATIN.get(withoutDiacritics(lower));
    if (latin === undefined) return letter;
    return lower === letter ? latin : latin.charAt(0).toUpperCase() + latin.slice(1);
  }).join('');
}
