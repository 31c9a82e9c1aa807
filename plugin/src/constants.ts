import pluginJson from './plugin.json';

export const PLUGIN_ID = pluginJson.id;
/** Where Grafana mounts the app. */
export const PLUGIN_BASE_URL = `/a/${PLUGIN_ID}`;
/** Grafana's own page with our configuration tab. */
export const CONFIGURATION_URL = `/plugins/${PLUGIN_ID}`;

/** What the configuration page keeps in `jsonData`: every user may read it, so no secrets. */
export interface AppSettings {
  /** Where Grafana's server reaches the exporter, e.g. `http://exporter:9187`. */
  url?: string;
  /** Chosen where a link names no target. */
  defaultTarget?: string;
}
/** Sent by Grafana's proxy; nobody can read them back. */
export interface AppSecrets {
  readSecret?: string;
  writeSecret?: string;
}
