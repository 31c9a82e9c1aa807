/** The rows of MusicDB, by the names of their columns (sql/init/01-musicdb.sql says what each means). */

export interface Artist {
  artist_id: number;
  external_id: string;
  name: string;
  country: string;
  formed_year: number;
  genres: string[];
  metadata: Record<string, unknown>;
  created_at: string;
  updated_at: string;
}

export interface Album {
  album_id: number;
  external_id: string;
  artist_id: number;
  title: string;
  album_type: 'album' | 'single' | 'ep' | 'compilation' | 'live';
  release_year: number;
  label: string;
  genres: string[];
  metadata: Record<string, unknown>;
  created_at: string;
  updated_at: string;
}

export interface Track {
  track_id: number;
  external_id: string;
  title: string;
  artist_credit: string | null;
  album_title: string | null;
  artist_id: number | null;
  album_id: number | null;
  track_number: number | null;
  duration_ms: number | null;
  release_year: number | null;
  isrc: string | null;
  genres: string[];
  popularity: number;
  metadata: Record<string, unknown>;
  source: string;
  processing_status: 'pending' | 'processed' | 'failed';
  created_at: string;
  updated_at: string;
  /** No columns of the table: what a file of tracks says instead of artist_id and album_id. */
  artist_external_id: string | null;
  album_external_id: string | null;
}

export interface Truth {
  external_id: string;
  /** Tracks with the same one are the same recording. */
  entity: number;
  /** `original`, one kind of corruption or two joined by `+`, or `hard_…`. */
  kind: string;
  missing: string[];
}

/** What the generator yields: rows in the order in which they can be inserted, `truths[i]` about `tracks[i]`. */
export interface Delivery {
  readonly artists: Artist[];
  readonly albums: Album[];
  readonly tracks: Track[];
  readonly truths: Truth[];
}

export const COLUMNS = {
  artists: [
    'artist_id',
    'external_id',
    'name',
    'country',
    'formed_year',
    'genres',
    'metadata',
    'created_at',
    'updated_at',
  ],
  albums: [
    'album_id',
    'external_id',
    'artist_id',
    'title',
    'album_type',
    'release_year',
    'label',
    'genres',
    'metadata',
    'created_at',
    'updated_at',
  ],
  tracks: [
    'track_id',
    'external_id',
    'title',
    'artist_credit',
    'album_title',
    'artist_id',
    'album_id',
    'track_number',
    'duration_ms',
    'release_year',
    'isrc',
    'genres',
    'popularity',
    'metadata',
    'source',
    'processing_status',
    'created_at',
    'updated_at',
  ],
  sample_truth: ['external_id', 'entity', 'kind', 'missing'],
} as const satisfies {
  artists: readonly (keyof Artist)[];
  albums: readonly (keyof Album)[];
  tracks: readonly (keyof Track)[];
  sample_truth: readonly (keyof Truth)[];
};
