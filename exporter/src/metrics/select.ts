/** Which collectors run and under which names, from the configuration and the compatibility profile. */
import type { Config } from '../config/types.ts';
import { metricsOf } from './compile.ts';
import { profiles } from './profiles/index.ts';
import type { Profile } from './profiles/types.ts';
import type { Collector, Metric } from './types.ts';

export function selectCollectors(builtIn: readonly Collector[], config: Config): Collector[] {
  const profile = profiles[config.compat];
  return [...builtIn.map((collector) => applyProfile(collector, profile)), ...config.functions]
    .filter((collector) => {
      const isDefault =
        collector.source === 'function' || ((collector.enabled ?? true) && !config.disableDefaultCollectors);
      return config.collectors[collector.name]?.enabled ?? isDefault;
    })
    .map((collector) => withSettings(collector, config));
}

/** Does this collector's metrics carry `server="host:port"` in that profile? */
export function hasServerLabel(collector: Collector, compat: Config['compat']): boolean {
  const { serverLabel } = profiles[compat];
  if (collector.source !== 'postgres') return collector.serverLabel ?? false;
  return typeof serverLabel === 'boolean' ? serverLabel : serverLabel.includes(collector.name);
}

/** The collector as that release of postgres_exporter named things. */
export function applyProfile(collector: Collector, profile: Profile): Collector {
  const replaced = profile.replace[collector.name] ?? collector;
  const columns = Object.entries(replaced.columns).map(([column, declared]) => [
    column,
    metricsOf(declared)
      .filter((metric) => !profile.omit.includes(metric.name))
      .map(
        (metric): Metric => ({
          ...metric,
          name: profile.rename[metric.name] ?? metric.name,
          type: profile.types[metric.name] ?? metric.type,
        }),
      ),
  ]);
  return { ...replaced, columns: Object.fromEntries(columns) as Collector['columns'] };
}

/** An interval makes a background collector of any; a timeout alone only changes one that is already. */
function withSettings(collector: Collector, config: Config): Collector {
  const { intervalSeconds, timeoutSeconds } = config.collectors[collector.name] ?? {};
  const { background } = collector;
  if (intervalSeconds === undefined && (timeoutSeconds === undefined || !background)) return collector;
  return {
    ...collector,
    background: {
      intervalSeconds: intervalSeconds ?? background!.intervalSeconds,
      timeoutSeconds: timeoutSeconds ?? background?.timeoutSeconds ?? BACKGROUND_TIMEOUT_SECONDS,
    },
  };
}

const BACKGROUND_TIMEOUT_SECONDS = 30;
