/** What the generated rows are like: the shares that the documentation promises, and a truth that can be found out. */
import { createHash } from 'node:crypto';
import { COLUMNS, type Delivery, type Track, type Truth } from '../../src/sample/musicdb/rows.ts';
import { copyLine, valuesOf } from '../../src/sample/copy.ts';
import { CORRUPTION_KINDS } from '../../src/sample/musicdb/corruptions.ts';
import { generateMusicDb, generateTracks } from '../../src/sample/musicdb/generate.ts';
import { HARD_KINDS } from '../../src/sample/musicdb/versions.ts';

const TRACKS = 20_000;
const TOLERANCE_MS = 3000;

interface Row {
  readonly track: Track;
  readonly truth: Truth;
}

const rowsOf = (deliveries: readonly Delivery[]): Row[] =>
  deliveries.flatMap(({ tracks, truths }) => tracks.map((track, i) => ({ track, truth: truths[i] })));
const deliveries = [...generateMusicDb({ tracks: TRACKS, seed: 11 })];
const rows = rowsOf(deliveries);
const isHard = ({ truth }: Row): boolean => truth.kind.startsWith('hard_');
const isCopy = (row: Row): boolean => row.truth.kind !== 'original' && !isHard(row);
const copies = rows.filter(isCopy);

function* pairs<T>(items: readonly T[]): Generator<[T, T]> {
  for (let i = 0; i < items.length; i++) for (let j = i + 1; j < items.length; j++) yield [items[i], items[j]];
}
const clusters = [...Map.groupBy(rows, ({ truth }) => truth.entity).values()];
const truePairs = clusters.flatMap((cluster) => [...pairs(cluster)]);
const share = (found: readonly unknown[], of: readonly unknown[]): number => found.length / of.length;

function fingerprint(size: { tracks: number; seed: number }): string {
  const hash = createHash('sha256');
  const add = <C extends string>(list: Parameters<typeof valuesOf<C>>[0], columns: readonly C[]): void => {
    for (const row of valuesOf(list, columns)) hash.update(copyLine(row));
  };
  for (const { artists, albums, tracks, truths } of generateMusicDb(size)) {
    add(artists, COLUMNS.artists);
    add(albums, COLUMNS.albums);
    add(tracks, COLUMNS.tracks);
    add(truths, COLUMNS.sample_truth);
  }
  return hash.digest('hex');
}

describe('the same size and seed', () => {
  it('give the same bytes, here and everywhere', () => {
    // Whoever changes the generator on purpose puts the new value here: thresholds fixed on the old rows are void then.
    expect(fingerprint({ tracks: 3000, seed: 1 })).toBe(
      '7ab0f7a83740867770fbb57b34e6bbc4abe1e8f54aaa1a2f47ff8756a30e8948',
    );
  });

  it('and no others', () => {
    expect(fingerprint({ tracks: 300, seed: 2 })).not.toBe(fingerprint({ tracks: 300, seed: 3 }));
  });
});

it.each([1, 99, 9_999, 10_000, 10_001])('makes exactly %i tracks', (tracks) => {
  expect([...generateTracks({ tracks, seed: 4 })].length).toBe(tracks);
});

describe('references', () => {
  it('go to what was delivered before or with them', () => {
    const artists = new Set<number>();
    const albums = new Set<number>();
    for (const delivery of deliveries) {
      for (const { artist_id } of delivery.artists) artists.add(artist_id);
      for (const { album_id, artist_id } of delivery.albums) {
        expect(artists.has(artist_id)).toBe(true);
        albums.add(album_id);
      }
      for (const { artist_id, album_id } of delivery.tracks) {
        expect(artist_id === null || artists.has(artist_id)).toBe(true);
        expect(album_id === null || albums.has(album_id)).toBe(true);
      }
    }
  });

  it('external ids are unique, and say nothing about who is whose duplicate', () => {
    expect(new Set(rows.map(({ track }) => track.external_id)).size).toBe(TRACKS);
    for (const [one, other] of truePairs) expect(one.track.external_id).not.toBe(other.track.external_id);
  });

  it('tracks arrive in the order of time, artists mixed', () => {
    const times = rows.map(({ track }) => track.created_at);
    expect(times).toEqual(times.toSorted());
    const changes = rows.slice(1).filter(({ track }, i) => track.artist_id !== rows[i].track.artist_id);
    expect(share(changes, rows)).toBeGreaterThan(0.9);
  });
});

describe('duplicates', () => {
  it('are 8 to 12 % of the tracks, in clusters of 2 to 5', () => {
    expect(share(copies, rows)).toBeGreaterThan(0.08);
    expect(share(copies, rows)).toBeLessThan(0.12);
    const sizes = clusters.map(({ length }) => length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(5);
    expect(sizes.filter((size) => size > 2).length).toBeGreaterThan(50);
  });

  it('are of ten kinds, each common enough to be measured, a few of two', () => {
    expect(CORRUPTION_KINDS).toHaveLength(10);
    for (const kind of CORRUPTION_KINDS) {
      expect(copies.filter(({ truth }) => truth.kind.split('+').includes(kind)).length).toBeGreaterThan(30);
    }
    const known: readonly string[] = CORRUPTION_KINDS;
    for (const { truth } of copies) for (const kind of truth.kind.split('+')) expect(known).toContain(kind);
    const two = copies.filter(({ truth }) => truth.kind.includes('+'));
    expect(share(two, copies)).toBeLessThan(0.1);
  });

  it('have no row that is the same as the one it was made from', () => {
    const texts = ({ track }: Row): string =>
      JSON.stringify([track.title, track.artist_credit, track.album_title, track.release_year, track.duration_ms]);
    const identical = truePairs.filter(([one, other]) => texts(one) === texts(other));
    expect(share(identical, truePairs)).toBeLessThan(0.01);
  });

  it('share the recording code in at most a quarter of the pairs, and never with another recording', () => {
    const same = truePairs.filter(([a, b]) => a.track.isrc !== null && a.track.isrc === b.track.isrc);
    expect(share(same, truePairs)).toBeLessThan(0.25);
    expect(share(same, truePairs)).toBeGreaterThan(0.1);
    const entities = new Map<string, number>();
    for (const { track, truth } of rows) {
      if (track.isrc === null) continue;
      expect(entities.get(track.isrc) ?? truth.entity).toBe(truth.entity);
      entities.set(track.isrc, truth.entity);
    }
  });

  it('are as long as the original within three seconds, from the same year or the next', () => {
    for (const cluster of clusters.filter(({ length }) => length > 1)) {
      const first = cluster.find((row) => !isCopy(row))!;
      // What a gap made implausible says nothing.
      if (first.truth.missing.some((field) => field === 'duration' || field === 'year')) continue;
      for (const { track } of cluster) {
        const length = track.duration_ms ?? first.track.duration_ms!;
        expect(Math.abs(length - first.track.duration_ms!)).toBeLessThanOrEqual(TOLERANCE_MS);
        expect(Math.abs((track.release_year ?? first.track.release_year!) - first.track.release_year!)).toBeLessThan(2);
      }
    }
  });
});

describe('hard negatives', () => {
  it('are at least twice as many as true pairs, of each kind', () => {
    expect(rows.filter(isHard).length).toBeGreaterThan(2 * truePairs.length);
    for (const kind of HARD_KINDS) expect(rows.filter(({ truth }) => truth.kind === kind).length).toBeGreaterThan(50);
  });

  it.each([
    ['hard_live', /live/i],
    ['hard_remix', /mix|dub/i],
    ['hard_remaster', /remaster/i],
    ['hard_acoustic', /acoustic|unplugged|stripped/i],
    ['hard_demo', /demo|take/i],
    ['hard_radio_edit', /edit|short/i],
    ['hard_instrumental', /instrumental|karaoke/i],
  ])('%s says so in the title or the album, its copies too that lost something', (kind, tag) => {
    const lossy = /^(truncated|missing)$/;
    const tagged = clusters
      .filter((cluster) => cluster.some(({ truth }) => truth.kind === kind))
      .flatMap((cluster) => cluster.filter(({ truth }) => truth.kind === kind || lossy.test(truth.kind)));
    expect(tagged.some(({ truth }) => lossy.test(truth.kind))).toBe(true);
    const silent = tagged.filter(
      ({ track, truth }) => !tag.test(`${track.title} / ${track.album_title}`) && !truth.missing.includes('title'),
    );
    expect(silent).toEqual([]);
  });

  it('no artist has two songs of one title, unless the truth says so', () => {
    const originals = rows.filter(({ truth }) => truth.kind === 'original' && !truth.missing.includes('title'));
    const titles = originals.map(({ track }) => `${track.artist_id ?? track.external_id} ${track.title}`);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('and everything else that is not the same can be told apart by somebody who reads the whole row', () => {
    const sameOrUnknown = (one: unknown, other: unknown): boolean => one === null || other === null || one === other;
    const lookalikes = [
      ...Map.groupBy(rows, ({ track }) => `${track.title}|${track.artist_credit}`.toLowerCase()).values(),
    ]
      .flatMap((group) => [...pairs(group)])
      .filter(([one, other]) => one.truth.entity !== other.truth.entity);
    const twins = lookalikes.filter(([{ track: one }, { track: other }]) => {
      const far = Math.abs((one.duration_ms ?? 0) - (other.duration_ms ?? 0)) > TOLERANCE_MS;
      return (
        sameOrUnknown(one.album_title, other.album_title) &&
        sameOrUnknown(one.release_year, other.release_year) &&
        !(far && one.duration_ms !== null && other.duration_ms !== null)
      );
    });
    expect(lookalikes.length).toBeGreaterThan(200);
    expect(share(twins, truePairs)).toBeLessThan(0.002);
  });
});

describe('the rest', () => {
  it('about 6 % of the rows lack something besides the recording code, which one in five lacks', () => {
    const incomplete = rows.filter(({ truth }) => truth.missing.some((field) => field !== 'isrc'));
    expect(share(incomplete, rows)).toBeGreaterThan(0.04);
    expect(share(incomplete, rows)).toBeLessThan(0.08);
    const coded = rows.filter(({ track }) => track.isrc !== null);
    expect(share(coded, rows)).toBeGreaterThan(0.75);
    expect(share(coded, rows)).toBeLessThan(0.85);
  });

  it('few artists have most of the tracks', () => {
    const counts = [...Map.groupBy(rows, ({ track }) => track.artist_id).values()].map(({ length }) => length);
    counts.sort((a, b) => b - a);
    const tenth = counts.slice(0, counts.length / 10).reduce((sum, count) => sum + count, 0);
    expect(tenth / TRACKS).toBeGreaterThan(0.35);
    expect(counts[Math.floor(counts.length / 2)]).toBeLessThan(15);
  });

  it('a few words are in very many titles, and many in one', () => {
    const words = Map.groupBy(
      rows.flatMap(({ track }) => track.title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []),
      (word) => word,
    );
    const often = [...words.values()].map(({ length }) => length).sort((a, b) => b - a);
    expect(words.get('love')!.length).toBeGreaterThan(TRACKS / 50);
    expect(often.filter((count) => count === 1).length).toBeGreaterThan(often.length / 4);
  });

  it('several scripts are there', () => {
    for (const script of ['Cyrillic', 'Greek', 'Hiragana']) {
      const tracks = rows.filter(({ track }) => new RegExp(`\\p{Script=${script}}`, 'u').test(track.title));
      expect(tracks.length).toBeGreaterThan(50);
    }
  });
});
