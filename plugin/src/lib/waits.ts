import type { GrafanaTheme2 } from '@grafana/data';

/** A wait as the API names it: `CPU`, or `type:event`. */
export function splitWait(wait: string): { type: string; event: string } {
  const at = wait.indexOf(':');
  return at < 0 ? { type: wait, event: '' } : { type: wait.slice(0, at), event: wait.slice(at + 1) };
}

/** "CPU", "IO · DataFileRead". */
export function waitTitle(type: string, event: string): string {
  return event === '' || event === type ? type : `${type} · ${event}`;
}

/** One colour for a class of waits, the same on every page. */
const COLOURS: Readonly<Record<string, string>> = {
  CPU: 'green',
  IO: 'blue',
  Lock: 'red',
  LWLock: 'orange',
  BufferPin: 'dark-orange',
  Buffer: 'dark-orange',
  Client: 'purple',
  IPC: 'yellow',
  Timeout: 'super-light-purple',
  Extension: 'dark-purple',
  Activity: 'dark-green',
  InjectionPoint: 'dark-red',
};

/** Classes that a later PostgreSQL adds are grey. */
export function waitColour(type: string, theme: GrafanaTheme2): string {
  const name = COLOURS[type];
  return name === undefined ? theme.colors.text.secondary : theme.visualization.getColorByName(name);
}
