/** Spaces and a slash at the end come with copying. */
export const tidyUrl = (text: string): string => text.trim().replace(/\/+$/, '');

/** @returns what is wrong with it and the cure; empty when nothing is. */
export function problemOfUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(tidyUrl(text));
  } catch {
    return 'This is no URL: write it like http://exporter:9187.';
  }
  if (!['http:', 'https:'].includes(url.protocol)) return 'Only http:// and https:// are possible.';
  // Every user of Grafana may read the address.
  if (url.username || url.password) return 'No user and password here: the exporter takes the secrets below.';
  if (/\/(api|metrics)(\/|$)/.test(url.pathname)) return 'Only the address: /api and /metrics are added by themselves.';
  if (url.search || url.hash) return 'Only the address, without ? and #.';
  return '';
}
