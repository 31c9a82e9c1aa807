/** A table: one instant query for each column of figures, put together where the labels are the same. */
import { type Content, DATASOURCE, type Json, mappingsOf, override, refId, thresholdsOf } from './fields.ts';
import { stepsOf } from './thresholds.ts';
import type { Column, Table } from './types.ts';

export function tablePanel({ labels, columns, sort, alerts = [], links = {}, widths = {} }: Table): Content {
  // With one query the data source calls its figures just so.
  const field = (i: number): string => (columns.length === 1 ? 'Value' : `Value #${refId(i)}`);
  const names = [...Object.keys(labels), ...columns.map((_, i) => field(i))];
  const titles = [...Object.values(labels), ...columns.map(({ title }) => title)];
  const hidden = columns.filter(({ hidden }) => hidden).map((column) => field(columns.indexOf(column)));
  return {
    datasource: DATASOURCE,
    targets: columns.map(({ expr }, i) => ({
      refId: refId(i),
      datasource: DATASOURCE,
      expr,
      legendFormat: '__auto',
      editorMode: 'code',
      format: 'table',
      range: false,
      instant: true,
    })),
    transformations: [
      { id: 'merge', options: {} },
      { id: 'filterFieldsByName', options: { include: { names: names.filter((name) => !hidden.includes(name)) } } },
      {
        id: 'organize',
        options: {
          excludeByName: {},
          indexByName: Object.fromEntries(names.map((name, i) => [name, i])),
          renameByName: Object.fromEntries(names.map((name, i) => [name, titles[i]])),
        },
      },
    ],
    fieldConfig: {
      defaults: {
        unit: 'short',
        color: { mode: 'thresholds' },
        thresholds: thresholdsOf(stepsOf([])),
        custom: { align: 'auto', cellOptions: { type: 'auto' }, filterable: false, minWidth: 70 },
      },
      overrides: [
        ...columns.filter(({ hidden }) => !hidden).map((column) => figures(column, alerts)),
        ...Object.entries(widths).map(([label, width]) => override(labels[label], { custom: { width } })),
        ...Object.entries(links).map(([label, url]) =>
          override(labels[label], { links: [{ title: 'Open', url, targetBlank: false }] }),
        ),
      ],
    },
    options: {
      showHeader: true,
      cellHeight: 'sm',
      ...(sort ? { sortBy: [{ displayName: sort, desc: true }] } : {}),
    },
  };
}

function figures({ title, unit, alerting, mappings = [], width }: Column, alerts: readonly string[]): Json {
  const coloured = alerting || mappings.length > 0;
  return override(title, {
    unit,
    ...(unit === 'percentunit' ? { decimals: 1 } : {}),
    // The panel's own text is for a table without rows.
    noValue: '–',
    ...(alerting ? { thresholds: thresholdsOf(stepsOf(alerts)) } : {}),
    ...(mappings.length > 0 ? { mappings: mappingsOf(mappings) } : {}),
    custom: {
      ...(coloured ? { cellOptions: { type: 'color-text' } } : {}),
      ...(width ? { width } : {}),
    },
  });
}
