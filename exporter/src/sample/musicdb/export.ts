/** The generated tracks as a file, as a source would deliver them. */
import { generateTracks, type SampleSize } from './generate.ts';
import type { Track } from './rows.ts';

export type ExportFormat = 'csv' | 'ndjson';
export const EXPORT_FORMATS: readonly ExportFormat[] = ['csv', 'ndjson'];

/** What a source knows: no numbers of ours, nothing about the truth. */
export const EXPORT_FIELDS = [
  ...(['external_id', 'title', 'artist_credit', 'album_title', 'artist_external_id', 'album_external_id'] as const),
  ...(['track_number', 'duration_ms', 'release_year', 'isrc', 'genres', 'popularity', 'metadata', 'source'] as const),
] as const satisfies readonly (keyof Track)[];

/** RFC 4180; NULL is an empty field, lists and objects are JSON. */
function csvField(value: Track[keyof Track]): string {
  if (value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const writers: Readonly<Record<ExportFormat, (track: Track) => string>> = {
  csv: (track) => `${EXPORT_FIELDS.map((field) => csvField(track[field])).join(',')}\n`,
  ndjson: (track) => `${JSON.stringify(Object.fromEntries(EXPORT_FIELDS.map((field) => [field, track[field]])))}\n`,
};

const CHUNK = 64 * 1024;

/** In pieces of about 64 KiB. */
export function* exportTracks(size: SampleSize, format: ExportFormat): Generator<string> {
  let text = format === 'csv' ? `${EXPORT_FIELDS.join(',')}\n` : '';
  for (const track of generateTracks(size)) {
    text += writers[format](track);
    if (text.length < CHUNK) continue;
    yield text;
    text = '';
  }
  yield text;
}
