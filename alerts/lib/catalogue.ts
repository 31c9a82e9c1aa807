/** Metrics that rules may read: what the exporter declares, and a few that others give. */
import { collectors } from '../../exporter/src/collectors/index.ts';
import { apiMetrics } from '../../exporter/src/api/metrics.ts';
import { benchmarkMetrics } from '../../exporter/src/benchmark/metrics.ts';
import { jobMetrics } from '../../exporter/src/jobs/metrics.ts';
import { declaredMetrics } from '../../exporter/src/metrics/compile.ts';
import { selfMetrics } from '../../exporter/src/metrics/self.ts';
import type { Metric } from '../../exporter/src/metrics/types.ts';

export interface Known {
  readonly type: string;
  /** Beside those of the target: job, cluster, instance, target. */
  readonly labels: readonly string[];
}

/** Given by Prometheus itself, or by node_exporter on the database's host. */
const OTHERS: Readonly<Record<string, Known>> = {
  up: { type: 'gauge', labels: [] },
  scrape_duration_seconds: { type: 'gauge', labels: [] },
  node_filesystem_avail_bytes: { type: 'gauge', labels: ['device', 'fstype', 'mountpoint'] },
  node_filesystem_size_bytes: { type: 'gauge', labels: ['device', 'fstype', 'mountpoint'] },
};

/** One family per setting, whose name only a server knows. */
const SETTING = /^pg_settings_[a-z0-9_]+$/;

const all = new Map<string, Known>(Object.entries(OTHERS));
for (const collector of collectors) {
  for (const { name, type, labels } of declaredMetrics(collector)) {
    const own = labels ?? collector.labels;
    // What is read in each database says in which.
    const full = collector.scope === 'database' && !own.includes('datname') ? ['datname', ...own] : own;
    all.set(name, { type, labels: full });
  }
}
const own: readonly (readonly Pick<Metric, 'name' | 'type' | 'labels'>[])[] = [
  Object.values(selfMetrics),
  Object.values(benchmarkMetrics),
  Object.values(jobMetrics),
  Object.values(apiMetrics),
];
for (const { name, type, labels } of own.flat()) {
  all.set(name, { type, labels: labels ?? [] });
}

/** What is known of a metric; of a histogram also by the names of its parts. Undefined for a name nobody gives. */
export function known(name: string): Known | undefined {
  const own = all.get(name);
  if (own) return own;
  const part = /^(.*)_(bucket|sum|count)$/.exec(name);
  const whole = part && all.get(part[1]);
  if (whole?.type === 'histogram') return { type: 'counter', labels: whole.labels };
  return SETTING.test(name) ? { type: 'gauge', labels: [] } : undefined;
}

/** Names that occur in a text that is no PromQL of ours: the queries in an annotation. */
export function namesIn(text: string): string[] {
  return [...new Set(text.match(/\b[a-z][a-z0-9_]*_[a-z0-9_]+\b/g) ?? [])].filter((word) => all.has(word));
}
