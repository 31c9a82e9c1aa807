/** Runbooks come with the app, so that they can be read while the exporter and its servers are down. */
import { locationUtil } from '@grafana/data';
import { useEffect, useState } from 'react';
import { PLUGIN_ID } from '../../constants';

/** One line of `runbooks/index.json`, which the build makes from the rule files. */
export interface RunbookInfo {
  readonly alert: string;
  /** The rule file: "connections". */
  readonly area: string;
  readonly severities: readonly string[];
  readonly summary: string;
}

export interface Loaded<T> {
  readonly data?: T;
  readonly error?: string;
}

async function load(name: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(locationUtil.assureBaseUrl(`/public/plugins/${PLUGIN_ID}/runbooks/${name}`), { signal });
  if (!response.ok) throw new Error(`Grafana answers ${response.status} for ${name}.`);
  return response;
}

/** @param read a constant of the module. */
function useFile<T>(name: string, read: (response: Response) => Promise<T>): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T> & { name?: string }>({});
  useEffect(() => {
    const stop = new AbortController();
    load(name, stop.signal)
      .then(read)
      .then(
        (data) => setLoaded({ name, data }),
        (error: Error) => !stop.signal.aborted && setLoaded({ name, error: error.message }),
      );
    return () => stop.abort();
  }, [name, read]);
  return loaded.name === name ? loaded : {};
}

const asIndex = (response: Response) => response.json() as Promise<RunbookInfo[]>;
const asText = (response: Response) => response.text();

export const useRunbookList = (): Loaded<RunbookInfo[]> => useFile('index.json', asIndex);
/** @param alert must be a name in the list: it becomes part of an address. */
export const useRunbook = (alert: string): Loaded<string> => useFile(`${encodeURIComponent(alert)}.md`, asText);
