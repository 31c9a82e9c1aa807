/** Somebody on call: watches what arrives at the webhook while things go wrong, and has them mended. */
import { equal, match, ok } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promQuery, received, type Received } from '../check.ts';
import type { NativeStack } from '../stack.ts';
import type { Incident, Told } from './incidents.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..', '..');
const RECEIVERS = { critical: 'page', warning: 'ticket' };
const LOOK_EVERY_MS = 250;

type Labels = Readonly<Record<string, string>>;
type Which = Omit<Told, 'says'>;
interface Word {
  readonly receiver: string;
  readonly status: string;
  readonly labels: Labels;
  readonly annotations: Labels;
}

interface Rule {
  readonly name: string;
  readonly query: string;
  readonly health: string;
  readonly labels: Labels;
  readonly alerts: readonly { readonly state: string; readonly labels: Labels; readonly value: string }[];
}
interface InAlertmanager {
  readonly labels: Labels;
  readonly status: { readonly state: string; readonly inhibitedBy: readonly string[] };
}

const NOTHING = '\n    (nothing)';
const shown = (all: readonly unknown[]): string => all.map((one) => `\n    ${JSON.stringify(one)}`).join('') || NOTHING;

async function json<T>(url: string): Promise<T> {
  return (await (await fetch(url, { signal: AbortSignal.timeout(10_000) })).json()) as T;
}

/** The labels that it must have, all of them. */
function labelsOf(stack: NativeStack, { alert, severity, labels }: Which): Labels {
  const instance = `127.0.0.1:${stack.port('exporter')}`;
  const server = { job: 'pgvigil', cluster: 'musicdb', instance, target: 'musicdb' };
  const all = Object.entries({ alertname: alert, severity, ...server, ...labels });
  return Object.fromEntries(all.filter((one): one is [string, string] => one[1] !== null));
}

const sorted = (labels: Labels): string => JSON.stringify(Object.entries(labels).sort());

const has = (labels: Labels, wanted: Labels): boolean =>
  Object.entries(wanted).every(([name, value]) => labels[name] === value);

/** Every time it was named, newest first. */
function words(all: readonly Received[], labels: Labels): Word[] {
  return all.flatMap(({ receiver, notification }) =>
    notification.alerts.filter((one) => has(one.labels, labels)).map((one) => ({ ...one, receiver })),
  );
}

/** Waits for all of them. @throws Error with what each of those says that failed. */
export async function allDone(all: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(all);
  const failures = outcomes.flatMap((one) => (one.status === 'rejected' ? (one.reason as Error).message : []));
  if (failures.length > 0) throw new Error(failures.join('\n\n'));
}

export class Duty {
  readonly #stack: NativeStack;
  readonly #patienceMs: number;

  /** @param patienceMs how long anything may take that is waited for. */
  constructor(stack: NativeStack, patienceMs: number) {
    this.#stack = stack;
    this.#patienceMs = patienceMs;
  }

  /**
   * One incident, until it is mended.
   * @returns what waits until everybody has been told that it is over.
   * @throws Error saying what did not come about, and how far it came; it is mended all the same.
   */
  async live(incident: Incident): Promise<() => Promise<void>> {
    const { what, once, make, tells, spares = [] } = incident;
    if (once !== undefined) {
      const isSo = async (): Promise<boolean> => (await promQuery(this.#stack, once)).length > 0;
      await this.#until(isSo, () => this.#instead(`Before ${what}: Prometheus has no ${once}`, once));
    }
    for (const one of [...tells, ...spares]) await this.#isQuiet(what, one);
    const named = (error: Error): never => {
      throw new Error(`It could not be made so, or mended, that ${what}: ${error.message}`, { cause: error });
    };
    const mend = await make(this.#stack).catch(named);
    try {
      await allDone([...tells.map((one) => this.#isTold(what, one)), ...spares.map((one) => this.#isMuted(what, one))]);
    } finally {
      await mend().catch(named);
    }
    return async () => {
      for (const one of tells) await this.#isOver(what, one);
      for (const one of spares) await this.#wasNeverTold(what, one);
    };
  }

  /** What is to be told of has not begun. */
  #isQuiet(what: string, one: Which): Promise<void> {
    const labels = labelsOf(this.#stack, one);
    const isSo = async (): Promise<boolean> => {
      const rules = await this.#rules(one.alert);
      const isActive = rules.some(({ alerts }) => alerts.some((alert) => has(alert.labels, labels)));
      return !isActive && words(await received(this.#stack), labels)[0]?.status !== 'firing';
    };
    return this.#until(isSo, () => this.#how(`${one.alert} was there before ${what}`, one));
  }

  async #isTold(what: string, one: Told): Promise<void> {
    const labels = labelsOf(this.#stack, one);
    let word: Word | undefined;
    const isSo = async (): Promise<boolean> => {
      [word] = words(await received(this.#stack), labels);
      return word?.status === 'firing';
    };
    await this.#until(isSo, () => this.#how(`Nobody was told of ${one.alert} (${one.severity}) when ${what}`, one));
    this.#isComplete(one, word!);
  }

  /** It arrived where it should, says what is the matter, and leads on. */
  #isComplete({ alert, severity, says, ...rest }: Told, { receiver, labels, annotations }: Word): void {
    equal(receiver, RECEIVERS[severity], `${alert} (${severity}) went to "${receiver}"`);
    const wanted = sorted(labelsOf(this.#stack, { alert, severity, ...rest }));
    equal(sorted(labels), wanted, `${alert} has the labels ${sorted(labels)} instead of ${wanted}`);
    for (const [name, text] of Object.entries(annotations))
      ok(text.trim() !== '' && !/<no value>|\{\{|<error/.test(text), `${alert}: ${name} is not filled: "${text}"`);
    ok(annotations.summary, `${alert} has no summary`);
    match(annotations.description, says, `${alert} says: ${annotations.description}`);
    // As provisioning/prometheus says it, with the port that Grafana has here.
    const grafana = `http://localhost:${this.#stack.port('grafana')}/`;
    const link = (name: string): URL => {
      const text = annotations[name] ?? '';
      ok(text.startsWith(grafana), `${alert}: ${name} does not begin with ${grafana}: "${text}"`);
      return new URL(text);
    };
    equal(link('runbook_url').pathname, `/a/pgvigil-database-app/runbooks/${alert}`);
    ok(existsSync(join(REPOSITORY, `alerts/runbooks/${alert}.md`)), `${alert} has no runbook`);
    const board = link('dashboard_url');
    const [, uid] = /^\/d\/([\w-]+)$/.exec(board.pathname) ?? [];
    ok(existsSync(join(REPOSITORY, `dashboards/${uid}.json`)), `${alert}: there is no board at ${board.href}`);
    for (const name of ['job', 'cluster', 'instance'])
      equal(board.searchParams.get(`var-${name}`), labels[name], `${alert}: ${board.href}`);
  }

  /** Prometheus has sent it, and Alertmanager keeps it back. */
  #isMuted(what: string, one: Which): Promise<void> {
    const labels = labelsOf(this.#stack, one);
    const isSo = async (): Promise<boolean> =>
      (await this.#inAlertmanager(labels)).some(({ status }) => status.inhibitedBy.length > 0);
    return this.#until(isSo, () => this.#how(`${one.alert} (${one.severity}) is not muted though ${what}`, one));
  }

  #isOver(what: string, one: Which): Promise<void> {
    const labels = labelsOf(this.#stack, one);
    const isSo = async (): Promise<boolean> => words(await received(this.#stack), labels)[0]?.status === 'resolved';
    return this.#until(isSo, () =>
      this.#how(`Nobody was told that ${one.alert} (${one.severity}) is over: ${what}`, one),
    );
  }

  async #wasNeverTold(what: string, one: Which): Promise<void> {
    const told = words(await received(this.#stack), labelsOf(this.#stack, one));
    if (told.length > 0) throw new Error(await this.#how(`${one.alert} (${one.severity}) was told when ${what}`, one));
  }

  async #rules(alert: string): Promise<Rule[]> {
    const url = `${this.#stack.url('prometheus')}/api/v1/rules?type=alert`;
    const { data } = await json<{ data: { groups: { rules: Rule[] }[] } }>(url);
    return data.groups.flatMap(({ rules }) => rules.filter(({ name }) => name === alert));
  }

  async #inAlertmanager(labels: Labels): Promise<InAlertmanager[]> {
    const all = await json<InAlertmanager[]>(`${this.#stack.url('alertmanager')}/api/v2/alerts`);
    return all.filter((one) => has(one.labels, labels));
  }

  async #until(isSo: () => Promise<boolean>, complaint: () => Promise<string>): Promise<void> {
    const deadline = Date.now() + this.#patienceMs;
    // Whom is asked may be what has ended.
    while (!(await isSo().catch(() => false))) {
      if (Date.now() > deadline) throw new Error(await complaint());
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** What there is instead of what a comparison wants. */
  async #instead(complaint: string, comparison: string): Promise<string> {
    const there = await promQuery(this.#stack, comparison.replace(/ [=!<>]+ \S+$/, ''));
    const slots = await this.#stack.query('select slot_name, active, wal_status from pg_replication_slots');
    return `${complaint}\n  It has:${shown(there)}\n  Slots:${shown(slots)}`;
  }

  /** How far an alert has come, for whoever reads that it has not arrived. */
  async #how(complaint: string, { alert, severity }: Which): Promise<string> {
    const rules = (await this.#rules(alert)).filter(({ labels }) => labels.severity === severity);
    const sent = await this.#inAlertmanager({ alertname: alert });
    const told = words(await received(this.#stack), { alertname: alert });
    return [
      `${complaint}, within ${this.#patienceMs / 1000} s.`,
      `  Rules of Prometheus:${shown(rules.map(({ query, health }) => ({ health, query })))}`,
      `  Prometheus has:${shown(rules.flatMap(({ alerts }) => alerts.map(({ state, labels, value }) => ({ state, value, labels }))))}`,
      `  Alertmanager has:${shown(sent.map(({ status: { state, inhibitedBy }, labels }) => ({ state, mutedBy: inhibitedBy.length, labels })))}`,
      `  The webhook was told, newest first:${shown(told.map(({ receiver, status, labels }) => ({ receiver, status, labels })))}`,
    ].join('\n');
  }
}
