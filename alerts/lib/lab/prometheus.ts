/** A Prometheus that scrapes as fast as it can be answered, and what it has seen. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PrometheusServer, startPrometheus } from '../../../demo/servers/index.ts';
import type { Sample } from '../values.ts';

/** Seconds between two scrapes: a busy machine needs more than one for an answer. */
export const INTERVAL = 2;

export const JOB = 'pgvigil';
export const CLUSTER = 'music';

export interface Target {
  /** Such as `db1:9187`: the label, whatever the port is. */
  readonly instance: string;
  readonly port: number;
}

export interface Seen {
  readonly labels: Readonly<Record<string, string>>;
  /** One for each interval, null where there was none. */
  readonly samples: Sample[];
}

export interface Recorder extends PrometheusServer {
  /** From now on these are scraped, and no others. */
  scrape(targets: readonly Target[]): void;
}

/** Without rules: what is recorded is what the exporter says. */
export async function startRecorder(targets: readonly Target[]): Promise<Recorder> {
  const folder = mkdtempSync(join(tmpdir(), 'pgvigil-targets-'));
  const file = join(folder, 'targets.json');
  const scrape = (some: readonly Target[]): void => {
    const groups = some.map(({ instance, port }) => ({
      targets: [`127.0.0.1:${port}`],
      labels: { instance, cluster: CLUSTER },
    }));
    // Renamed into place: half a file would be no targets at all.
    writeFileSync(`${file}.new`, JSON.stringify(groups));
    renameSync(`${file}.new`, file);
  };
  scrape(targets);
  const config = {
    global: { scrape_interval: `${INTERVAL}s`, scrape_timeout: `${INTERVAL}s` },
    scrape_configs: [{ job_name: JOB, file_sd_configs: [{ files: [file], refresh_interval: '1s' }] }],
  };
  // YAML reads JSON.
  const server = await startPrometheus({ config: JSON.stringify(config) });
  return {
    ...server,
    scrape,
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** All series of these metrics, from one second to another (Unix time), whole intervals apart, both included. @throws Error */
export async function seen(
  { url }: Pick<PrometheusServer, 'url'>,
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
      step: String(INTERVAL),
    }),
  });
  const { data, error } = (await answer.json()) as {
    data?: { result: { metric: Record<string, string>; values: [number, string][] }[] };
    error?: string;
  };
  if (!data) throw new Error(`Prometheus: ${error}`);
  return data.result.map(({ metric, values }) => {
    const samples = Array<Sample>((to - from) / INTERVAL + 1).fill(null);
    for (const [time, value] of values) samples[Math.round((time - from) / INTERVAL)] = number(value);
    return { labels: metric, samples };
  });
}

const number = (text: string): number =>
  /Inf$/.test(text) ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text);
