/** The boards as Grafana reads them: from their files. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const FOLDER = join(import.meta.dirname, '../..');

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat?: string;
  readonly instant?: boolean;
  readonly datasource?: { readonly uid: string };
}

export interface Step {
  readonly color: string;
  readonly value: number | null;
}

export interface PanelJson {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly Target[];
  readonly links?: readonly { readonly url: string }[];
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly mappings?: readonly unknown[];
      readonly thresholds?: { readonly steps: readonly Step[] };
    };
    readonly overrides: readonly {
      readonly matcher: { readonly options: string };
      readonly properties: readonly { readonly id: string; readonly value: unknown }[];
    }[];
  };
}

export interface VariableJson {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly query: string | { readonly query: string };
  readonly datasource?: { readonly uid: string };
  readonly multi: boolean;
  readonly allValue?: string;
  readonly refresh: number;
}

export interface BoardJson {
  readonly uid: string;
  readonly title: string;
  readonly editable: boolean;
  readonly panels: readonly PanelJson[];
  readonly templating: { readonly list: readonly VariableJson[] };
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr: string }[] };
}

export const files: readonly string[] = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));

export const boards: readonly BoardJson[] = files.map(
  (file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as BoardJson,
);

export interface Located {
  /** For messages: `pgvigil-wal 21 WAL written`. */
  readonly at: string;
  readonly board: BoardJson;
  readonly panel: PanelJson;
}

/** Every panel that is not the title of a row. */
export const panels: readonly Located[] = boards.flatMap((board) =>
  board.panels
    .filter(({ type }) => type !== 'row')
    .map((panel) => ({ at: `${board.uid} ${panel.id} ${panel.title}`, board, panel })),
);

export const targets = panels.flatMap((located) =>
  (located.panel.targets ?? []).map((target) => ({ ...located, at: `${located.at} ${target.refId}`, target })),
);

export interface Interpolation {
  readonly rateInterval: string;
  readonly range: string;
}

/** As Grafana sends it with everything chosen. */
export function interpolated(text: string, { rateInterval, range }: Interpolation): string {
  const all = new Map(boards[0].templating.list.map(({ name, allValue }) => [name, allValue ?? '.*']));
  return text
    .replaceAll('$__rate_interval', rateInterval)
    .replaceAll('$__range', range)
    .replaceAll(/\$(\w+)/g, (whole, name: string) => all.get(name) ?? (name.startsWith('upkeep_') ? '.*' : whole));
}
