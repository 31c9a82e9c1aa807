import { type Collector, gauge } from '../metrics/types.ts';

/** Quality of the sample catalogue's data: tracks that break a rule, each rule by name. */
export const incomplete_tracks: Collector = {
  name: 'incomplete_tracks',
  source: 'postgres',
  scope: 'database',
  needs: ['function musicdb.incomplete_summary'],
  background: { intervalSeconds: 600, timeoutSeconds: 60 },
  sql: 'select * from musicdb.incomplete_summary()',
  labels: ['rule'],
  columns: {
    tracks: gauge('musicdb_incomplete_tracks', 'Tracks that break the rule (musicdb.incomplete_summary).'),
  },
};
