/** The rows of each table, in an order in which every foreign key finds its target. */
import type { Value } from '../copy.ts';
import { Random, weighted, type Weighted, zipf } from '../random.ts';
import { daysAfter, day, END, instantAt, timestamp } from './calendar.ts';
import { kilometres, type Point } from './places.ts';
import { around, cityOf, content, nameOf, onTheWay, some, spotOf, title } from './scene.ts';
import { categories, firstNames, interests, lastNames, moods, voices, weathers } from './words.ts';

export interface Table {
  /** Schema-qualified. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly size: number;
  readonly rows: () => Generator<readonly Value[]>;
}

interface Venue extends Point {
  readonly id: number;
}

interface Journey {
  readonly id: number;
  readonly user: number;
  readonly venue: Venue;
  readonly origin: Point;
  readonly date: string;
}

/** What later tables refer to. Lives as long as one load: about 200 bytes per journey. */
interface World {
  readonly sizes: Sizes;
  readonly users: Weighted<number>;
  readonly venues: Venue[];
  readonly journeys: Journey[];
}

export interface Sizes {
  readonly stories: number;
  readonly users: number;
  readonly venues: number;
  readonly journeys: number;
  readonly bookings: number;
}

/** Rows beyond the months that have partitions: there are always some. */
const beyond = (size: number, share: number): number => Math.max(3, Math.round(size * share));

export const sizesOf = (stories: number): Sizes => ({
  stories,
  users: Math.ceil(stories / 20),
  venues: Math.ceil(stories / 400),
  journeys: Math.ceil(stories / 4),
  bookings: Math.ceil(stories / 3),
});

const topics = zipf(interests, 8);
const moodOf = zipf(moods, 1);

/**
 * Every table has a stream of chance of its own: one can change without changing the others.
 * @param stories at least 100, so that every table has rows of every kind.
 */
export function tables(stories: number, seed: number): readonly Table[] {
  const sizes = sizesOf(stories);
  // The earliest users are the most active ones.
  const ids = Array.from({ length: sizes.users }, (_, index) => index + 1);
  const world: World = { sizes, users: zipf(ids, 20), venues: [], journeys: [] };
  const random = (table: number): Random => new Random(seed * 16 + table);
  return [
    users(world, random(1)),
    venues(world, random(2)),
    journeys(world, random(3)),
    storiesTold(world, random(4)),
    bookings(world, random(5)),
  ];
}

const users = ({ sizes }: World, random: Random): Table => ({
  name: 'roadtrip.users',
  columns: [
    'user_id',
    'email',
    'display_name',
    'home_city',
    'interests',
    'preferences',
    'created_at',
    'last_active_at',
  ],
  size: sizes.users,
  *rows() {
    const joined = Date.UTC(2022, 0, 1);
    for (let id = 1; id <= sizes.users; id++) {
      const [first, last] = [random.pick(firstNames), random.pick(lastNames)];
      yield [
        id,
        `${first}.${last}.${id}@example.org`.toLowerCase(),
        `${first} ${last}`,
        cityOf(random).name,
        JSON.stringify(some(random, topics)),
        JSON.stringify({ voice: random.pick(voices), units: random.chance(0.9) ? 'km' : 'miles' }),
        // All before the first story, in the order of the ids.
        timestamp(daysAfter(joined, (900 * id) / sizes.users)),
        random.chance(0.9) ? timestamp(instantAt(random.fraction())) : null,
      ];
    }
  },
});

const CAPACITY = { 'concert hall': 2_000, stadium: 40_000, theatre: 800 } as const;

const venues = ({ sizes, venues: made }: World, random: Random): Table => ({
  name: 'roadtrip.venues',
  columns: ['venue_id', 'name', 'category', 'city', 'country', 'latitude', 'longitude', 'capacity', 'rating'],
  size: sizes.venues,
  *rows() {
    for (let id = 1; id <= sizes.venues; id++) {
      const city = cityOf(random);
      const category = random.pick(categories);
      const place = around(random, city, 0.1);
      made.push({ id, ...place });
      const capacity = CAPACITY[category as keyof typeof CAPACITY];
      yield [
        id,
        nameOf(random, city, category),
        category,
        city.name,
        city.country,
        place.latitude,
        place.longitude,
        capacity === undefined ? null : Math.round(capacity * (0.5 + random.fraction())),
        random.chance(0.85) ? random.between(28, 50) / 10 : null,
      ];
    }
  },
});

const journeys = ({ sizes, users: active, venues: known, journeys: made }: World, random: Random): Table => ({
  name: 'roadtrip.event_journeys',
  columns: [
    ...['journey_id', 'event_date', 'user_id', 'venue_id', 'event_name', 'origin_latitude', 'origin_longitude'],
    ...['venue_lat', 'venue_lon', 'distance_km', 'journey_status', 'created_at'],
  ],
  size: sizes.journeys,
  *rows() {
    const popular = zipf(known, 10);
    const planned = beyond(sizes.journeys, 0.01);
    const past = sizes.journeys - planned;
    for (let index = 0; index < sizes.journeys; index++) {
      const event =
        index < past ? instantAt((index + random.fraction()) / past) : daysAfter(END, random.fraction() * 150);
      const journey: Journey = {
        id: index + 1,
        user: active.draw(random),
        venue: popular.draw(random),
        origin: around(random, cityOf(random), 0.1),
        date: day(event),
      };
      // Planned ones are referred to by nothing: their rows can be moved out of the default partition.
      if (index < past) made.push(journey);
      const { venue, origin } = journey;
      const held = random.chance(0.93) ? 'completed' : 'cancelled';
      yield [
        journey.id,
        journey.date,
        journey.user,
        venue.id,
        title(random),
        origin.latitude,
        origin.longitude,
        venue.latitude,
        venue.longitude,
        Math.round(kilometres(origin, venue) * 10) / 10,
        index < past ? held : 'planned',
        timestamp(daysAfter(event, -1 - random.fraction() * 60)),
      ];
    }
  },
});

/** The journey that somebody who does something at this share of the time is on. */
function journeyAround(random: Random, made: readonly Journey[], share: number): Journey {
  const nearby = Math.ceil(made.length / 400);
  const index = Math.floor(share * made.length) - random.between(0, nearby);
  return made[Math.max(0, index)];
}

const ratings = weighted({ '5': 38, '4': 34, '3': 16, '2': 7, '1': 5 });
const SERIES = 120;

function metadata(random: Random): string {
  const seconds = random.between(60, 600);
  const common = { voice: random.pick(voices), weather: random.pick(weathers), mood: moodOf.draw(random), seconds };
  if (!random.chance(0.3)) return JSON.stringify(common);
  return JSON.stringify({ ...common, series: random.between(1, SERIES), chapter: random.between(1, 12) });
}

const storiesTold = ({ sizes, users: active, journeys: made }: World, random: Random): Table => ({
  name: 'roadtrip.stories',
  columns: [
    ...['story_id', 'created_at', 'user_id', 'journey_id', 'journey_date', 'title', 'content', 'latitude', 'longitude'],
    ...['location_name', 'interests', 'story_metadata', 'is_favorite', 'rating', 'play_count'],
  ],
  size: sizes.stories,
  *rows() {
    const past = sizes.stories - beyond(sizes.stories, 0.0005);
    for (let index = 0; index < sizes.stories; index++) {
      const late = index >= past;
      const share = (index + random.fraction()) / past;
      const journey = !late && random.chance(0.55) ? journeyAround(random, made, share) : undefined;
      const told = late ? daysAfter(END, random.fraction() * 60) : instantAt(share);
      const spot = journey
        ? { ...onTheWay(random, journey.origin, journey.venue), name: 'on the way' }
        : spotOf(random);
      const favorite = random.chance(0.08);
      yield [
        index + 1,
        timestamp(told),
        journey?.user ?? active.draw(random),
        journey?.id ?? null,
        journey?.date ?? null,
        title(random),
        content(random),
        spot.latitude,
        spot.longitude,
        spot.name,
        JSON.stringify(some(random, topics)),
        metadata(random),
        favorite,
        // A favourite is never rated badly.
        favorite ? random.between(4, 5) : random.chance(0.35) ? Number(ratings.draw(random)) : null,
        favorite ? random.between(2, 40) : random.between(0, 3),
      ];
    }
  },
});

const types = weighted({ hotel: 45, restaurant: 30, ticket: 15, campsite: 10 });
const PRICE = { hotel: 110, restaurant: 32, ticket: 45, campsite: 28 } as const;
const pastStatus = weighted({ completed: 84, cancelled: 10, no_show: 2, confirmed: 3, pending: 1 });
const futureStatus = weighted({ confirmed: 62, pending: 28, cancelled: 10 });
const currencies = weighted({ EUR: 80, GBP: 12, CHF: 8 });

const bookings = ({ sizes, users: active, venues: known, journeys: made }: World, random: Random): Table => ({
  name: 'roadtrip.bookings',
  columns: [
    ...['booking_id', 'service_date', 'user_id', 'venue_id', 'journey_id', 'journey_date', 'booking_type'],
    ...['booking_status', 'guests', 'total_amount', 'currency', 'created_at'],
  ],
  size: sizes.bookings,
  *rows() {
    const popular = zipf(known, 10);
    const past = sizes.bookings - beyond(sizes.bookings, 0.02);
    for (let index = 0; index < sizes.bookings; index++) {
      const future = index >= past;
      const share = (index + random.fraction()) / past;
      const journey = !future && random.chance(0.6) ? journeyAround(random, made, share) : undefined;
      const service = future ? daysAfter(END, random.fraction() * 150) : instantAt(share);
      const type = types.draw(random);
      const guests = random.between(1, 5);
      yield [
        index + 1,
        day(service),
        journey?.user ?? active.draw(random),
        journey?.venue.id ?? popular.draw(random).id,
        journey?.id ?? null,
        journey?.date ?? null,
        type,
        (future ? futureStatus : pastStatus).draw(random),
        guests,
        (PRICE[type] * guests * (0.6 + random.fraction())).toFixed(2),
        currencies.draw(random),
        timestamp(daysAfter(service, -(random.fraction() * 90))),
      ];
    }
  },
});
