/** From what a board file says of a panel to Grafana's JSON. */
import { type Content, DATASOURCE, type Json, mappingsOf, override, refId, thresholdsOf } from './fields.ts';
import type { Place } from './layout.ts';
import { tablePanel } from './table.ts';
import { runbookLinks, sentence, stepsOf } from './thresholds.ts';
import type { AppPanel, Gauge, Panel, Query, Stat, StateTimeline, TimeSeries } from './types.ts';

export function panelJson(panel: Panel, place: Place): Json {
  const { id, type, title } = panel;
  const { alerts = [], linked = [] } = 'alerts' in panel || 'linked' in panel ? panel : {};
  const unit = 'unit' in panel ? panel.unit : (alertingUnit(panel) ?? '');
  const about = sentence(alerts, linked, unit);
  const description = [panel.description, ...(about ? [about] : [])].join('\n\n');
  const links = runbookLinks([...alerts, ...linked]);
  const json = { id, type, title, description, links, gridPos: gridPos(place), ...content(panel) };
  const empty = 'empty' in panel ? panel.empty : undefined;
  if (empty !== undefined) json.fieldConfig.defaults.noValue = empty;
  return json;
}

const gridPos = ({ x, y, w, h }: Place): Json => ({ h, w, x, y });

const alertingUnit = (panel: Panel): string | undefined =>
  panel.type === 'table' ? panel.columns.find(({ alerting }) => alerting)?.unit : undefined;

function content(panel: Panel): Content {
  switch (panel.type) {
    case 'timeseries':
      return timeSeries(panel);
    case 'stat':
      return stat(panel);
    case 'gauge':
    case 'bargauge':
      return gauge(panel);
    case 'state-timeline':
      return stateTimeline(panel);
    case 'table':
      return tablePanel(panel);
    default:
      return appPanel(panel);
  }
}

function targets(queries: readonly Query[], how: 'range' | 'instant'): Json[] {
  return queries.map(({ expr, legend }, i) => ({
    refId: refId(i),
    datasource: DATASOURCE,
    expr,
    legendFormat: legend ?? '__auto',
    editorMode: 'code',
    range: how === 'range',
    instant: how === 'instant',
  }));
}

function timeSeries(panel: TimeSeries): Content {
  const { unit, decimals, queries, alerts = [], like = [], min = 0, max, stacked, bars, limits = [], softMax } = panel;
  const judged = [...alerts, ...like];
  const counted = bars && !stacked;
  const custom = {
    drawStyle: bars ? 'bars' : 'line',
    lineWidth: bars || stacked ? 0 : 1,
    fillOpacity: bars || stacked ? 60 : 0,
    gradientMode: 'none',
    showPoints: 'auto',
    pointSize: 4,
    spanNulls: false,
    lineInterpolation: 'linear',
    axisSoftMin: 0,
    ...(softMax === undefined ? {} : { axisSoftMax: softMax }),
    stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
    thresholdsStyle: { mode: judged.length > 0 ? 'dashed' : 'off' },
  };
  const dashed = {
    lineWidth: 1,
    lineStyle: { fill: 'dash', dash: [8, 6] },
    fillOpacity: 0,
    stacking: { mode: 'none' },
  };
  const overrides = [
    ...limits.map((name) => override(name, { custom: dashed, color: { mode: 'fixed', fixedColor: 'text' } })),
  ];
  return {
    datasource: DATASOURCE,
    // Bars over less than a minute would be counted again by their neighbours.
    ...(counted ? { interval: '1m' } : {}),
    targets: targets(queries, 'range'),
    fieldConfig: {
      defaults: {
        unit,
        ...(decimals === undefined ? {} : { decimals }),
        ...(min === null ? {} : { min }),
        ...(max === undefined ? {} : { max }),
        color: { mode: 'palette-classic' },
        thresholds: thresholdsOf(stepsOf(judged)),
        custom,
      },
      overrides,
    },
    options: {
      legend: {
        showLegend: true,
        displayMode: 'table',
        placement: 'bottom',
        calcs: counted ? ['max'] : ['mean', 'max', 'lastNotNull'],
        sortBy: counted ? 'Max' : 'Mean',
        sortDesc: true,
      },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  };
}

function stat({ unit, decimals, queries, alerts = [], like = [], mappings = [], trend }: Stat): Content {
  return {
    datasource: DATASOURCE,
    targets: targets(queries, trend ? 'range' : 'instant'),
    fieldConfig: {
      defaults: {
        unit,
        ...(decimals === undefined ? {} : { decimals }),
        mappings: mappingsOf(mappings),
        color: { mode: 'thresholds' },
        thresholds: thresholdsOf(stepsOf([...alerts, ...like])),
      },
      overrides: [],
    },
    options: {
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      colorMode: 'value',
      graphMode: trend ? 'area' : 'none',
      textMode: queries.some(({ legend }) => legend) ? 'value_and_name' : 'value',
      justifyMode: 'auto',
      orientation: 'auto',
    },
  };
}

function gauge({ type, unit, decimals, queries, alerts = [], like = [], max }: Gauge): Content {
  return {
    datasource: DATASOURCE,
    targets: targets(queries, 'instant'),
    fieldConfig: {
      defaults: {
        unit,
        ...(decimals === undefined ? {} : { decimals }),
        min: 0,
        ...(max === undefined ? {} : { max }),
        color: { mode: 'thresholds' },
        thresholds: thresholdsOf(stepsOf([...alerts, ...like])),
      },
      overrides: [],
    },
    options: {
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      ...(type === 'bargauge'
        ? {
            orientation: 'horizontal',
            displayMode: 'basic',
            valueMode: 'text',
            showUnfilled: true,
            namePlacement: 'left',
          }
        : { showThresholdLabels: false, showThresholdMarkers: true }),
    },
  };
}

function stateTimeline({ unit, queries, mappings }: StateTimeline): Content {
  return {
    datasource: DATASOURCE,
    targets: targets(queries, 'range'),
    fieldConfig: {
      defaults: {
        unit,
        mappings: mappingsOf(mappings),
        // Not by thresholds: it would show their ranges in place of the states' names.
        color: { mode: 'fixed', fixedColor: 'text' },
        custom: { lineWidth: 0, fillOpacity: 70, spanNulls: false },
      },
      overrides: [],
    },
    options: {
      mergeValues: true,
      showValue: 'auto',
      alignValue: 'left',
      rowHeight: 0.8,
      legend: { showLegend: false, displayMode: 'list', placement: 'bottom' },
      tooltip: { mode: 'single', sort: 'none' },
    },
  };
}

/** It asks the exporter, through the app. */
const appPanel = ({ options }: AppPanel): Content => ({ options, fieldConfig: { defaults: {}, overrides: [] } });
