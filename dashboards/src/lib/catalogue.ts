/** Every metric a board may ask for, with its labels. */
import { known } from '../../../alerts/lib/catalogue.ts';

/** What tells one server from another. `cluster` and `target` may be absent. */
export const SERVER = ['job', 'cluster', 'instance', 'target'] as const;

/** Labels of what the exporter says about itself, which its catalogue has in code, and of Prometheus' own series. */
const LABELS: Readonly<Record<string, readonly string[]>> = {
  pg_static: ['server', 'short_version', 'version'],
  pg_scrape_collector_success: ['collector'],
  pg_scrape_collector_duration_seconds: ['collector'],
  pgvigil_database_seconds_total: ['collector'],
  pgvigil_collector_age_seconds: ['collector', 'datname'],
  pgvigil_collector_problem: ['collector', 'datname', 'reason'],
  pgvigil_collector_folded_objects: ['collector', 'datname'],
  pgvigil_collector_duplicate_samples: ['collector', 'datname'],
  pgvigil_target_problem: ['source', 'reason'],
  scrape_samples_scraped: [],
  ALERTS: ['alertname', 'alertstate', 'severity', 'datname'],
  ALERTS_FOR_STATE: ['alertname', 'severity', 'datname'],
};

/** Labels of a metric beside those of its server; undefined for a metric that nobody gives. */
export const labelsOf = (metric: string): readonly string[] | undefined => LABELS[metric] ?? known(metric)?.labels;
