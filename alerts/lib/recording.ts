/** What the recorder wrote of one fault: series as Prometheus had them, one sample a scrape, in three phases. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode, encode, type Sample } from './values.ts';

export const RECORDED_FOLDER = join(import.meta.dirname, '../recorded');

/** Before the fault is made, until it is repaired, from then on. */
export const PHASES = ['healthy', 'fault', 'repaired'] as const;
export type Phase = (typeof PHASES)[number];

export interface Series {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  /** By phase, in the order of `PHASES`. */
  readonly phases: readonly (readonly Sample[])[];
}

export interface Recording {
  readonly name: string;
  /** Seconds of Unix time at the first scrape. */
  readonly start: number;
  /** Seconds between two scrapes. */
  readonly interval: number;
  /** Scrapes in each phase. */
  readonly scrapes: readonly number[];
  readonly series: readonly Series[];
}

interface Written {
  name: string;
  start: number;
  interval?: number;
  scrapes: number[];
  series: Record<string, string[]>;
}

/** `name{a="b"}`, labels sorted, as PromQL has it. */
export function seriesText({ metric, labels }: Pick<Series, 'metric' | 'labels'>): string {
  const pairs = Object.keys(labels)
    .sort()
    .map((label) => `${label}=${JSON.stringify(labels[label])}`);
  return pairs.length === 0 ? metric : `${metric}{${pairs.join(',')}}`;
}

export function parseSeries(text: string): Pick<Series, 'metric' | 'labels'> {
  const metric = /^[^{]+/.exec(text)![0];
  const pairs = [...text.slice(metric.length).matchAll(/([a-zA-Z_]\w*)=("(?:[^"\\]|\\.)*")/g)];
  return { metric, labels: Object.fromEntries(pairs.map(([, name, value]) => [name, JSON.parse(value) as string])) };
}

const fileOf = (name: string): string => join(RECORDED_FOLDER, `${name}.json`);

/** One line a series, sorted: what changes from one recording to the next is what changed. */
export function writeRecording({ name, start, interval, scrapes, series }: Recording): void {
  const lines = series
    .map((one) => {
      let before: Sample = null;
      const phases = one.phases.map((samples) => {
        const words = encode(samples, before);
        before = samples.at(-1) ?? before;
        return words;
      });
      return `    ${JSON.stringify(seriesText(one))}: ${JSON.stringify(phases)}`;
    })
    .sort();
  const head = `  "name": ${JSON.stringify(name)},\n  "start": ${start},\n  "interval": ${interval},\n  "scrapes": ${JSON.stringify(scrapes)},`;
  writeFileSync(fileOf(name), `{\n${head}\n  "series": {\n${lines.join(',\n')}\n  }\n}\n`);
}

/** @throws Error when nothing was recorded under this name */
export function readRecording(name: string): Recording {
  const { start, interval = 1, scrapes, series } = JSON.parse(readFileSync(fileOf(name), 'utf8')) as Written;
  return {
    name,
    start,
    interval,
    scrapes,
    series: Object.entries(series).map(([key, phases]) => ({ ...parseSeries(key), phases: phases.map(decode) })),
  };
}

export const recordedNames = (): string[] =>
  readdirSync(RECORDED_FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
