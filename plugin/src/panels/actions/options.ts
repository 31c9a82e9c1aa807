import type { PanelOptionsEditorBuilder } from '@grafana/data';

export interface Options {
  /** Variables allowed. Empty: the exporter's first. */
  target: string;
  /** Variables allowed. Empty: that of the target's connection string. */
  database: string;
  /** Ids, as `GET /actions` lists them. Empty: all that fit the object. */
  actions: string[];
  /** `schema.name`; variables allowed, of several values too. */
  objects: string[];
}

export const DEFAULTS: Options = { target: '', database: '', actions: [], objects: [] };

export function addOptions(builder: PanelOptionsEditorBuilder<Options>): void {
  builder
    .addTextInput({
      path: 'target',
      name: 'Target',
      description: 'As the exporter names it; variables such as $target are filled in. Empty: its first.',
      defaultValue: DEFAULTS.target,
    })
    .addTextInput({
      path: 'database',
      name: 'Database',
      description: "Variables are filled in. Empty: that of the target's connection string.",
      defaultValue: DEFAULTS.database,
    })
    .addStringArray({
      path: 'objects',
      name: 'Objects',
      description: 'Tables, indexes or materialized views as schema.name; variables are filled in.',
      defaultValue: DEFAULTS.objects,
    })
    .addStringArray({
      path: 'actions',
      name: 'Actions',
      description: 'Their ids, for example vacuum or reindex. Empty: all that fit.',
      defaultValue: DEFAULTS.actions,
    });
}

type Fill = (text: string, scoped?: undefined, format?: (value: unknown) => string) => string;
const SEPARATOR = '\u0000';

/** The texts with variables filled in; a variable of several values gives one text for each. */
export function filled(texts: readonly string[], fill: Fill): string[] {
  const all = texts.flatMap((text) => {
    // Names may hold commas and braces: values are told apart by what no name can hold.
    const values = fill(text, undefined, (value) => (Array.isArray(value) ? value.join(SEPARATOR) : String(value)));
    return values.split(SEPARATOR).map((value) => value.trim());
  });
  return [...new Set(all.filter(Boolean))];
}
