/** The peers' families, as lists of facts taken from their live output, and how ours differ from them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Family, Samples } from '../support/exposition.ts';

export interface Fact {
  readonly name: string;
  readonly type: string;
  /** Label names, sorted; a histogram's `le` is left out. */
  readonly labels: readonly string[];
}

/** What a family of ours is where the peer's is otherwise: `absent`, `is a gauge`, `without server, with pid`. */
export interface Difference {
  readonly name: string;
  readonly what: string;
}

/** One line: the families (a pattern for the whole name), how they differ, why that is so. */
export type Excuse = readonly [families: string, what: string, reason: string];

export function readFacts(file: string): Fact[] {
  return readFileSync(join(import.meta.dirname, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'))
    .map(([name, type, labels]) => ({ name, type, labels: labels === '' ? [] : labels.split(',') }));
}

/** The families of one or several scrapes: what a primary lacks, its standby has. */
export class Live {
  private readonly families = new Map<string, Family[]>();

  constructor(scrapes: readonly Samples[]) {
    for (const scrape of scrapes) {
      for (const [name, family] of scrape.families) {
        this.families.set(name, [...(this.families.get(name) ?? []), family]);
      }
    }
  }

  get names(): string[] {
    return [...this.families.keys()];
  }

  /** A fact per set of labels: a family whose samples differ in them has several. */
  facts(name: string): Fact[] {
    const found = new Map<string, Fact>();
    for (const { type, samples } of this.families.get(name) ?? []) {
      for (const { labels } of samples) {
        const names = Object.keys(labels)
          .filter((label) => label !== 'le' || type !== 'histogram')
          .sort();
        found.set(`${type} ${names.join()}`, { name, type, labels: names });
      }
    }
    return [...found.values()];
  }
}

/** `pg_settings_<name>` stands for every family that begins so. */
export function differences(peer: readonly Fact[], live: Live): Difference[] {
  return peer.flatMap((fact) => {
    const [prefix, isPattern] = fact.name.split('<');
    const names = isPattern === undefined ? [fact.name] : live.names.filter((name) => name.startsWith(prefix));
    if (names.length === 0) return { name: fact.name, what: 'absent' };
    return names.flatMap((name) => compare({ ...fact, name }, live.facts(name)));
  });
}

function compare(peer: Fact, ours: readonly Fact[]): Difference[] {
  const { name } = peer;
  if (ours.length === 0) return [{ name, what: 'absent' }];
  return ours.flatMap(({ type, labels }) => {
    const what = [
      ...(type === peer.type ? [] : [`is a ${type}`]),
      ...peer.labels.filter((label) => !labels.includes(label)).map((label) => `without ${label}`),
      ...labels.filter((label) => !peer.labels.includes(label)).map((label) => `with ${label}`),
    ];
    return what.length === 0 ? [] : [{ name, what: what.join(', ') }];
  });
}

/** Differences without an excuse, and excuses without a difference: both are to be empty. */
export function judge(found: readonly Difference[], excuses: readonly Excuse[]): { new: string[]; stale: string[] } {
  const covers = ([families, what]: Excuse, difference: Difference): boolean =>
    what === difference.what && new RegExp(`^(${families})$`).test(difference.name);
  return {
    new: found
      .filter((difference) => !excuses.some((excuse) => covers(excuse, difference)))
      .map(({ name, what }) => `${name}: ${what}`),
    stale: excuses
      .filter((excuse) => !found.some((difference) => covers(excuse, difference)))
      .map(([families, what]) => `${families}: ${what}`),
  };
}
