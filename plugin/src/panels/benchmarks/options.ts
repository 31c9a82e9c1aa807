import type { PanelOptionsEditorBuilder } from '@grafana/data';

export interface Options {
  /** Variables allowed. Empty: the exporter's first. */
  target: string;
  /** Id; variables allowed. Empty: all. */
  workload: string;
  limit: number;
}

export const DEFAULTS: Options = { target: '', workload: '', limit: 5 };

export function addOptions(builder: PanelOptionsEditorBuilder<Options>): void {
  builder
    .addTextInput({
      path: 'target',
      name: 'Target',
      description: 'As the exporter names it; variables such as $target are filled in. Empty: its first.',
      defaultValue: DEFAULTS.target,
    })
    .addTextInput({
      path: 'workload',
      name: 'Workload',
      description: 'Its id, such as musicdb-query; variables are filled in. Empty: all.',
      defaultValue: DEFAULTS.workload,
    })
    .addNumberInput({
      path: 'limit',
      name: 'Benchmarks',
      description: 'How many are listed.',
      defaultValue: DEFAULTS.limit,
      settings: { min: 1, max: 50, integer: true },
    });
}
