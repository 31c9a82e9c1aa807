/** The sample data of MusicDB: the same tables for the same size and seed, on any machine, however many rows. */
import { Mixer } from '../mixed.ts';
import { Random } from '../random.ts';
import { copyOf, howManyCopies } from './copies.ts';
import { Discographies } from './discography.ts';
import { type Draft, draftOf, texts } from './draft.ts';
import { leaveOut } from './gaps.ts';
import { Identities, instant } from './identities.ts';
import type { Delivery, Track, Truth } from './rows.ts';
import { firstSources } from './sources.ts';
import { Studio } from './versions.ts';
import { KEYS } from './words/vocabulary.ts';

export interface SampleSize {
  /** How many tracks in all, duplicates included; 1 or more. */
  readonly tracks: number;
  readonly seed: number;
}

const DELIVERY = 10_000;
/** An artist's tracks come scattered among so many others, and a copy this many copies later. */
const TRACKS_UNDER_WAY = 5000;
const COPIES_UNDER_WAY = 2000;
const INCOMPLETE = 0.05;
const DAY_MS = 86_400_000;

interface Parcel {
  readonly draft: Draft;
  readonly kind: string;
}

/** Yields everything in the order in which it can be inserted, `DELIVERY` tracks at a time. */
export function* generateMusicDb({ tracks, seed }: SampleSize): Generator<Delivery> {
  const random = new Random(seed);
  const ids = new Identities(seed, tracks);
  const studio = new Studio(random, new Discographies(random, ids, tracks));
  let delivery = empty();
  for (const item of arrivals(studio, random, ids, tracks)) {
    if ('draft' in item) {
      const { track, truth } = arrive(item, random, ids);
      delivery.tracks.push(track);
      delivery.truths.push(truth);
    } else {
      delivery.artists.push(...item.artists);
      delivery.albums.push(...item.albums);
    }
    if (delivery.tracks.length < DELIVERY) continue;
    yield delivery;
    delivery = empty();
  }
  yield delivery;
}

/** The tracks alone. */
export function* generateTracks(size: SampleSize): Generator<Track> {
  for (const { tracks } of generateMusicDb(size)) yield* tracks;
}

const empty = (): Delivery => ({ artists: [], albums: [], tracks: [], truths: [] });

/** Artists and albums as they become known; then, mixed, what they recorded and the copies of it. */
function* arrivals(
  studio: Studio,
  random: Random,
  ids: Identities,
  tracks: number,
): Generator<Parcel | Pick<Delivery, 'artists' | 'albums'>> {
  const firsts = new Mixer<Parcel>(TRACKS_UNDER_WAY, random);
  const copies = new Mixer<Parcel>(COPIES_UNDER_WAY, random);
  let made = 0;
  for (const { artist, albums, recordings } of studio.session()) {
    yield { artists: [artist], albums };
    for (const recording of recordings) {
      const first = draftOf(recording, firstSources.draw(random));
      if (random.chance(INCOMPLETE)) leaveOut(first, random);
      const parcels = [firsts.push({ draft: first, kind: recording.kind })];
      const wanted = Math.min(howManyCopies(random), tracks - ++made);
      for (let i = 0; i < wanted; i++) parcels.push(copies.push(copyOf(recording, random, ids)));
      made += wanted;
      for (const parcel of parcels) if (parcel !== undefined) yield parcel;
      if (made >= tracks) {
        yield* firsts.drain();
        yield* copies.drain();
        return;
      }
    }
  }
}

/** The row as it is stored. */
function arrive({ draft, kind }: Parcel, random: Random, ids: Identities): { track: Track; truth: Truth } {
  const { recording, source } = draft;
  const { artist, album } = recording;
  const { track_id, external_id, created_at } = ids.track(source.name);
  const written = texts(draft);
  // A copy is resolved where the source spells the name as we know it; a first delivery nearly always.
  const artistKnown = written.artist_credit !== null && (written.artist_credit === artist.name || random.chance(0.8));
  const isCopy = kind !== recording.kind;
  const hasArtist = artistKnown && (isCopy ? written.artist_credit === artist.name : !draft.missing.includes('artist'));
  const hasAlbum = hasArtist && written.album_title === album.title;
  if (draft.isrc === null) draft.missing.push('isrc');
  const track: Track = {
    ...{ track_id, external_id, ...written },
    artist_id: hasArtist ? artist.artist_id : null,
    album_id: hasAlbum ? album.album_id : null,
    artist_external_id: hasArtist ? artist.external_id : null,
    album_external_id: hasAlbum ? album.external_id : null,
    track_number: draft.trackNumber,
    duration_ms: draft.durationMs,
    release_year: draft.year,
    isrc: draft.isrc,
    genres: draft.genres,
    popularity: isCopy ? Math.floor(recording.popularity * random.fraction()) : recording.popularity,
    metadata: metadata(draft, external_id, random),
    source: source.name,
    processing_status: status(hasArtist, random),
    created_at,
    updated_at: random.chance(0.3) ? later(created_at, random) : created_at,
  };
  return { track, truth: { external_id, entity: recording.entity, kind, missing: draft.missing } };
}

function metadata({ recording }: Draft, externalId: string, random: Random): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  if (random.chance(0.85)) found.label = recording.album.label;
  if (random.chance(0.6)) found.bpm = 60 + Math.floor((random.fraction() + random.fraction() + random.fraction()) * 45);
  if (random.chance(0.5)) found.key = random.pick(KEYS);
  found.language = recording.language;
  if (random.chance(0.35)) found.explicit = random.chance(0.25);
  if (random.chance(0.4)) found.links = { page: `https://tracks.example/${externalId.replace(':', '/')}` };
  return found;
}

function status(resolved: boolean, random: Random): Track['processing_status'] {
  const pending = resolved ? 0.02 : 0.35;
  const point = random.fraction();
  return point < pending ? 'pending' : point < pending + 0.02 ? 'failed' : 'processed';
}

const later = (created: string, random: Random): string =>
  instant(Date.parse(created) + Math.floor(random.fraction() * 60 * DAY_MS));
