/** Words that belong to no language. */
import { list } from './language.ts';

/** In the order of popularity. */
export const GENRES = [
  ...['pop', 'rock', 'hip hop', 'electronic', 'indie', 'r&b', 'country', 'jazz', 'folk', 'soul', 'metal', 'dance'],
  ...['punk', 'blues', 'house', 'techno', 'latin', 'reggae', 'classical', 'funk', 'ambient', 'singer-songwriter'],
  ...['disco', 'gospel', 'trance', 'dub', 'ska', 'grunge', 'shoegaze', 'afrobeat', 'bossa nova', 'synthpop'],
  ...['bluegrass', 'drum and bass', 'chanson', 'flamenco', 'fado', 'schlager', 'enka', 'rebetiko', 'krautrock'],
] as const;

export const CITIES = list(`
  London Paris Berlin Tokyo Oslo Dublin Lisbon Madrid Chicago Boston Vienna Prague Warsaw Athens Rome Montreal Havana
  Nashville Seattle Glasgow Melbourne Zürich Málaga København Kraków Göteborg Québec Reykjavík`);

export const KEYS = list('C G D A E F Am Em Dm Bm Bb Eb F#m Cm Gm Ab C#m B Fm');

/** Names of tracks that every other album has. */
export const GENERIC_TITLES = list('Intro Interlude Outro Prelude Skit Overture Epilogue');

export const PLACEHOLDER_ARTISTS = ['Unknown Artist', '[unknown]', 'Various Artists', 'N/A'] as const;
export const PLACEHOLDER_TITLES = ['Unknown', '[untitled]', 'Track #', 'Audio Track #', 'No Title'] as const;
