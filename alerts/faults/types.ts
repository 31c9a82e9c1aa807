/** What a fault is: how it is made and mended on real servers, and which alerts it must raise. */
import type { Lab } from '../lib/lab/lab.ts';
import type { TopologyName } from '../lib/lab/topologies.ts';

export type Severity = 'critical' | 'warning' | 'info' | 'none';

export interface Firing {
  readonly alert: string;
  readonly severity: Severity;
  /** Beside alertname, severity and job; `cluster: music` and `instance: db1:9187` unless they say otherwise (null: none). */
  readonly labels?: Readonly<Record<string, string | null>>;
  /** The phase that raises it; default: fault. */
  readonly in?: 'fault' | 'repaired';
  /** Seconds into the phase after which the condition is met at the latest; default: the longest window of the rule. */
  readonly after?: number;
  /** Seconds into the next phase after which it is met no more; default: the longest window of the rule. null: it stays. */
  readonly clears?: number | null;
}

export interface Fault {
  /** Of its recording. */
  readonly name: string;
  readonly topology: TopologyName;
  /** What goes on before it, and is in order. */
  readonly prepare?: (lab: Lab) => Promise<unknown>;
  readonly make: (lab: Lab) => Promise<unknown>;
  /** Sessions of `lab.session` are closed, and `lab.later` is done, before. Absent: it cannot be repaired. */
  readonly repair?: (lab: Lab) => Promise<unknown>;
  /** Scrapes that are recorded of each phase, at least. */
  readonly scrapes?: readonly [healthy: number, fault: number, repaired: number];
  /** Seconds until it is repaired in the test, at least. Default: as long as what it raises wants. */
  readonly lasts?: number;
  /** These nearly fire: the fault lasts long enough for them, and they stay silent. As `Alert/severity`. */
  readonly silent?: readonly string[];
  /** Exactly these fire, of the rules of the area, and no others… */
  readonly fires: readonly Firing[];
  /** …but for those that come with it, as `Alert/severity`, without further tests. */
  readonly alsoFires?: readonly string[];
  /** These may come with it or not, by chance. */
  readonly mayFire?: readonly string[];
  /** Gauges that go on rising or falling as they did in the recording. */
  readonly trending?: readonly string[];
  /** It is the exporter that does not answer. */
  readonly unscraped?: true;
  /** The servers are of no use afterwards: they are started for this fault alone. */
  readonly ruins?: true;
}

/** Servers that are in order. */
export interface Fleet {
  readonly name: string;
  readonly topology: TopologyName;
  /** Default: with load. */
  readonly idle?: true;
  /** Alerts that are right about it, as `Alert/severity`; default: none. */
  readonly fires?: readonly string[];
  /** Only what is scraped of this one; default: of all. */
  readonly instance?: string;
}
