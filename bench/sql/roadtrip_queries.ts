/** The second document's queries on Road trip, each with the index that is there for it. */
import { cities } from '../../exporter/src/sample/roadtrip/places.ts';
import { events, interests, people, things } from '../../exporter/src/sample/roadtrip/words.ts';
import type { BenchQuery } from './query.ts';

type Chance = () => number;

const between = (random: Chance, low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
const pick = <T>(random: Chance, items: readonly T[]): T => items[Math.floor(random() * items.length)];

/** The earliest users, who are the most active ones, and the venues that every sample has. */
const user = (random: Chance): number => between(random, 1, 1000);
const venue = (random: Chance): number => between(random, 1, 50);

/** South, north, west, east: a quarter of a city. */
function box(random: Chance): number[] {
  const { latitude, longitude } = pick(random, cities);
  const [south, west] = [latitude - 0.03 + random() * 0.05, longitude - 0.03 + random() * 0.05];
  return [south, south + 0.01, west, west + 0.01];
}

/** A day of the sample, as PostgreSQL reads it. */
const day = (random: Chance): string =>
  new Date(Date.UTC(2024, 6, 1) + between(random, 0, 690) * 86_400_000).toISOString().slice(0, 10);

/** One page of somebody's journeys: what an application has in its hand when it needs their stories. */
const PAGE_OF_JOURNEYS = `select j.journey_id, j.event_date from roadtrip.event_journeys j
  where j.user_id = $1 order by j.event_date desc limit 20`;

/** `other` are also searches within a month: its partition leaves out the rest already, index or not. */
export const roadtripQueries: readonly BenchQuery[] = [
  {
    name: 'stories in a box',
    index: 'roadtrip.idx_stories_location_spatial',
    kind: 'filtered',
    planOnce: true,
    sql: `select story_id, title, latitude, longitude from roadtrip.stories
           where latitude between $1 and $2 and longitude between $3 and $4
           order by created_at desc limit 50`,
    parameters: box,
  },
  {
    name: 'journeys to a box',
    index: 'roadtrip.idx_event_journeys_venue_spatial',
    kind: 'filtered',
    planOnce: true,
    sql: `select journey_id, event_name, event_date from roadtrip.event_journeys
           where venue_lat between $1 and $2 and venue_lon between $3 and $4
           order by event_date desc limit 50`,
    parameters: box,
  },
  {
    name: 'venues in a box',
    index: 'roadtrip.idx_venues_location_spatial',
    kind: 'other',
    sql: `select venue_id, name, category from roadtrip.venues
           where latitude between $1 and $2 and longitude between $3 and $4`,
    parameters: box,
  },
  {
    name: 'favourites of a user',
    index: 'roadtrip.idx_stories_favorites_partial',
    kind: 'filtered',
    sql: `select story_id, title, created_at from roadtrip.stories
           where user_id = $1 and is_favorite
           order by created_at desc`,
    parameters: (random) => [user(random)],
  },
  {
    name: 'active bookings of a user',
    index: 'roadtrip.idx_bookings_active_partial',
    kind: 'filtered',
    sql: `select booking_id, service_date, booking_type from roadtrip.bookings
           where user_id = $1 and booking_status in ('pending', 'confirmed')
           order by service_date`,
    parameters: (random) => [user(random)],
  },
  {
    name: 'stories about all of these interests',
    index: 'roadtrip.idx_stories_interests_gin',
    kind: 'filtered',
    sql: `select story_id, title, interests from roadtrip.stories
           where interests @> $1::jsonb
           order by created_at desc limit 20`,
    parameters: (random) => [
      JSON.stringify([pick(random, interests), pick(random, interests), pick(random, interests)]),
    ],
  },
  {
    name: 'chapter of a series',
    index: 'roadtrip.idx_stories_metadata_gin',
    kind: 'filtered',
    sql: `select story_id, title, story_metadata from roadtrip.stories
           where story_metadata @> $1::jsonb
           order by created_at desc limit 20`,
    parameters: (random) => [JSON.stringify({ series: between(random, 1, 120), chapter: between(random, 1, 12) })],
  },
  {
    name: 'full text',
    index: 'roadtrip.idx_stories_content_fts',
    kind: 'filtered',
    sql: `select story_id, title from roadtrip.stories
           where to_tsvector('english', content) @@ to_tsquery('english', $1)
           order by created_at desc limit 20`,
    parameters: (random) => [[things, people, events].map((words) => pick(random, words)).join(' & ')],
  },
  {
    name: 'feed of a user',
    index: 'roadtrip.idx_stories_user_created',
    kind: 'filtered',
    sql: `select story_id, title, created_at from roadtrip.stories
           where user_id = $1
           order by created_at desc limit 20`,
    parameters: (random) => [user(random)],
  },
  {
    // Instead of one query per journey (N+1): the stories of a page of journeys in one go.
    name: 'stories of a page of journeys',
    index: 'roadtrip.idx_stories_journey',
    kind: 'filtered',
    sql: `select s.story_id, s.journey_id, s.title
            from (${PAGE_OF_JOURNEYS}) p
            join roadtrip.stories s on s.journey_id = p.journey_id and s.journey_date = p.event_date`,
    parameters: (random) => [user(random)],
  },
  {
    name: 'bookings of a page of journeys',
    index: 'roadtrip.idx_bookings_journey',
    kind: 'filtered',
    sql: `select b.booking_id, b.journey_id, b.booking_status
            from (${PAGE_OF_JOURNEYS}) p
            join roadtrip.bookings b on b.journey_id = p.journey_id and b.journey_date = p.event_date`,
    parameters: (random) => [user(random)],
  },
  {
    name: 'journeys of a user',
    index: 'roadtrip.idx_event_journeys_user_date',
    kind: 'filtered',
    sql: PAGE_OF_JOURNEYS,
    parameters: (random) => [user(random)],
  },
  {
    name: 'next journeys to a venue',
    index: 'roadtrip.idx_event_journeys_venue_date',
    kind: 'filtered',
    sql: `select journey_id, event_name, event_date from roadtrip.event_journeys
           where venue_id = $1 and event_date >= $2
           order by event_date limit 20`,
    parameters: (random) => [venue(random), day(random)],
  },
  {
    name: 'bookings of a user',
    index: 'roadtrip.idx_bookings_user_date',
    kind: 'filtered',
    sql: `select booking_id, service_date, booking_status from roadtrip.bookings
           where user_id = $1
           order by service_date desc limit 20`,
    parameters: (random) => [user(random)],
  },
  {
    name: 'month of a venue',
    index: 'roadtrip.idx_bookings_venue_date',
    kind: 'other',
    sql: `select booking_type, count(*), sum(total_amount) from roadtrip.bookings
           where venue_id = $1 and service_date >= $2::date and service_date < $2::date + 30
           group by booking_type`,
    parameters: (random) => [venue(random), day(random)],
  },
  {
    name: 'no-shows of a week',
    index: 'roadtrip.idx_bookings_status_date',
    kind: 'other',
    sql: `select booking_id, user_id, service_date, total_amount from roadtrip.bookings
           where booking_status = 'no_show' and service_date >= $1::date and service_date < $1::date + 7
           order by service_date`,
    parameters: (random) => [day(random)],
  },
];
