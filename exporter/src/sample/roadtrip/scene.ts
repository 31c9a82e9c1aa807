/** Where things are and what they are called: drawn alike for users, venues, journeys and stories. */
import { type Random, Weighted, zipf } from '../random.ts';
import { adjectives, events, people, sentences, things } from './words.ts';
import { cities, type City, neighboursOf, type Point } from './places.ts';

const visited = zipf(cities, 6);
const words = {
  t: zipf(things, 12),
  p: zipf(people, 12),
  a: zipf(adjectives, 12),
  e: zipf(events, 10),
};
/** How many things a story or a user is about. */
const few = new Weighted([1, 2, 3, 4], [3, 4, 2, 1]);

export const cityOf = (random: Random): City => visited.draw(random);

/** Round about 0, within ±2, like the sum of many small causes. */
const bell = (random: Random): number =>
  random.fraction() + random.fraction() + random.fraction() + random.fraction() - 2;

const round = (degrees: number): number => Math.round(degrees * 1e5) / 1e5;

/** @param spread about how many degrees a place is away from the middle, at most. */
export const around = (random: Random, { latitude, longitude }: Point, spread: number): Point => ({
  latitude: round(latitude + (bell(random) * spread) / 2),
  longitude: round(longitude + (bell(random) * spread) / 2),
});

export interface Spot extends Point {
  readonly name: string;
}

/** In a city, or on one of the roads that lead from it. */
export function spotOf(random: Random): Spot {
  const city = cityOf(random);
  if (random.chance(0.6)) return { ...around(random, city, 0.12), name: city.name };
  const to = random.pick(neighboursOf(city));
  return { ...onTheWay(random, city, to), name: `${city.name} to ${to.name}` };
}

/** A place beside the road. */
export function onTheWay(random: Random, from: Point, to: Point): Point {
  const share = random.fraction();
  const place = {
    latitude: from.latitude + (to.latitude - from.latitude) * share,
    longitude: from.longitude + (to.longitude - from.longitude) * share,
  };
  return around(random, place, 0.06);
}

/** Different ones, as many as a person cares about. */
export function some(random: Random, items: Weighted<string>): string[] {
  const chosen = new Set<string>();
  for (let left = few.draw(random); left > 0; left--) chosen.add(items.draw(random));
  return [...chosen];
}

/** Three to six sentences. */
export function content(random: Random): string {
  const text: string[] = [];
  for (let left = random.between(3, 6); left > 0; left--) text.push(fill(random, random.pick(sentences)));
  return text.join(' ');
}

export const title = (random: Random): string =>
  fill(random, random.pick(['The {a} {t}', 'The {p} and the {t}', 'The {e} of {y}']));

export const nameOf = (random: Random, city: City, category: string): string =>
  fill(random, `The {a} ${category} of ${city.name}`);

function fill(random: Random, pattern: string): string {
  const text = pattern.replace(/\{([tpaecy])\}/g, (_, slot: string) => {
    if (slot === 'c') return cityOf(random).name;
    if (slot === 'y') return String(random.between(1100, 1980));
    return words[slot as keyof typeof words].draw(random);
  });
  return text.replace(/\b(a) (?=[aeiou])/gi, '$1n ');
}
