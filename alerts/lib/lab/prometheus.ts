/** A Prometheus that scrapes real servers, and what it has seen. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PrometheusServer, startPrometheus } from '../../../demo/servers/index.ts';
import type { Sample } from '../values.ts';

/** Seconds between two scrapes. Quick: as fast as it can be answered, and a busy machine needs more than one. */
export const QUICK = 2;
/** Where it matters how much is done in a scrape, or how long it takes. */
export const USUAL = 15;
/** As Prometheus has it by default, where the interval allows. */
const TIMEOUT = 10;

export const JOB = 'pgvigil';
export const CLUSTER = 'music';

export interface Target {
  /** Such as `db1:9187`: the label, whatever the port is. */
  readonly instance: string;
  /** Host and port. */
  readonly address: string;
}

export interface Seen {
  readonly labels: Readonly<Record<string, string>>;
  /** One for each interval, null where there was none. */
  readonly samples: Sample[];
}

export interface Recorder extends PrometheusServer {
  /** Seconds between two scrapes. */
  readonly interval: number;
  /** From now on these are scraped, and no others. */
  scrape(targets: readonly Target[]): void;
}

/** Without rules: what is recorded is what the exporter says. */
export async function startRecorder(targets: readonly Target[], interval: number): Promise<Recorder> {
  const folder = mkdtempSync(join(tmpdir(), 'pgvigil-targets-'));
  const file = join(folder, 'targets.json');
  const scrape = (some: readonly Target[]): void => {
    const groups = some.map(({ instance, address }) => ({
      targets: [address],
      labels: { instance, cluster: CLUSTER },
    }));
    // Renamed into place: half a file would be no targets at all.
    writeFileSync(`${file}.new`, JSON.stringify(groups));
    renameSync(`${file}.new`, file);
  };
  scrape(targets);
  const config = {
    global: { scrape_interval: `${interval}s`, scrape_timeout: `${Math.min(interval, TIMEOUT)}s` },
    scrape_configs: [{ job_name: JOB, file_sd_configs: [{ files: [file], refresh_interval: '1s' }] }],
  };
  // YAML reads JSON.
  const server = await startPrometheus({ config: JSON.stringify(config) });
  return {
    ...server,
    interval,
    scrape,
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** All series of these metrics, from one second to another (Unix time), whole intervals apart, both included. @throws Error */
export async function seen(
  { url, interval }: Pick<Recorder, 'url' | 'interval'>,
  names: readonly string[],
  from: number,
  to: number,
): Promise<Seen[]> {
  const answer = await fetch(`${url}/api/v1/query_range`, {
    method: 'POST',
    body: new URLSearchParams({
      query: `{__name__=~"${names.join('|')}"}`,
      start: String(from),
      end: String(to),
      step: String(interval),
    }),
  });
  const { data, error } = (await answer.json()) as {
    data?: { result: { metric: Record<string, string>; values: [number, string][] }[] };
    error?: string;
  };
  if (!data) throw new Error(`Prometheus: ${error}`);
  return data.result.map(({ metric, values }) => {
    const samples = Array<Sample>((to - from) / interval + 1).fill(null);
    for (const [time, value] of values) samples[Math.round((time - from) / interval)] = number(value);
    return { labels: metric, samples };
  });
}

const number = (text: string): number =>
  /Inf$/.test(text) ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text);
