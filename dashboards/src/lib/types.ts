/** What a board file says. Everything else is the same on every board, and is added by the builder. */

export interface Query {
  readonly expr: string;
  /** Grafana's legend format: `{{datname}}`. */
  readonly legend?: string;
}

export interface Mapping {
  readonly value: number;
  readonly text: string;
  readonly color: Color;
}

/** Names of Grafana's palette, which suit both themes. */
export type Color = 'green' | 'yellow' | 'orange' | 'red' | 'blue' | 'purple' | 'text';

interface Common {
  /** Of this board only, and for ever: links to a panel name it. */
  readonly id: number;
  readonly title: string;
  /** What it shows, and what to do about it. */
  readonly description: string;
  /** Columns of 24; default: that of its type. */
  readonly w?: number;
  /** Rows of 30 pixels; default: that of its type. */
  readonly h?: number;
  /** What stands there instead of “No data”, where nothing is good news or has a reason. */
  readonly empty?: string;
}

interface Queried extends Common {
  /** Of Grafana's list: `s`, `percentunit`, `bytes`. */
  readonly unit: string;
  readonly decimals?: number;
  readonly queries: readonly Query[];
  /** Alerts that lead to this panel: thresholds, sentence and links come from the rules. Each stands on one panel of its board. */
  readonly alerts?: readonly string[];
  /** Alerts that lead to this panel, whose threshold it has no scale for. */
  readonly linked?: readonly string[];
  /** Alerts that have another panel of their own: only their thresholds. */
  readonly like?: readonly string[];
  readonly mappings?: readonly Mapping[];
}

export interface TimeSeries extends Queried {
  readonly type: 'timeseries';
  /** null: whatever the figures need, below 0 too. Default 0. */
  readonly min?: number | null;
  readonly max?: number;
  /** The axis goes at least this far: so that nothing at all looks like nothing. */
  readonly softMax?: number;
  /** Parts of a whole, one upon the other. */
  readonly stacked?: boolean;
  /** Drawn as bars: for counts of rare events. */
  readonly bars?: boolean;
  /** Names of series that are a limit, drawn as a dashed line. */
  readonly limits?: readonly string[];
}

export interface Stat extends Queried {
  readonly type: 'stat';
  /** A line behind the figure: where the way there says something. */
  readonly trend?: boolean;
}

export interface Gauge extends Queried {
  readonly type: 'gauge' | 'bargauge';
  readonly max?: number;
}

export interface StateTimeline extends Queried {
  readonly type: 'state-timeline';
  readonly mappings: readonly Mapping[];
}

/** Each query is a column of figures; rows are told apart by the labels. */
export interface Table extends Common {
  readonly type: 'table';
  /** Label → title of its column, in this order. What is not named is not shown. */
  readonly labels: Readonly<Record<string, string>>;
  readonly columns: readonly Column[];
  /** Label → pixels, for names that are long and matter. */
  readonly widths?: Readonly<Record<string, number>>;
  /** Title of a column, the largest first. */
  readonly sort?: string;
  readonly alerts?: readonly string[];
  readonly linked?: readonly string[];
  /** Label → address that its cells lead to; `${__value.raw}` is the cell. */
  readonly links?: Readonly<Record<string, string>>;
}

export interface Column {
  readonly title: string;
  readonly unit: string;
  readonly expr: string;
  readonly mappings?: readonly Mapping[];
  /** A column that bears the thresholds of the table's alerts. */
  readonly alerting?: boolean;
  /** It only brings labels. */
  readonly hidden?: boolean;
  /** In pixels. */
  readonly width?: number;
}

/** A panel of our own app, which asks the exporter itself. */
export interface AppPanel extends Common {
  readonly type: 'pgvigil-queries-panel' | 'pgvigil-actions-panel';
  readonly options: Readonly<Record<string, unknown>>;
}

export type Panel = TimeSeries | Stat | Gauge | StateTimeline | Table | AppPanel;

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** A variable beside those that every board has. */
export interface Variable {
  readonly name: string;
  readonly label: string;
  /** As Grafana's Prometheus data source takes it: `label_values(…)`, `query_result(…)`. */
  readonly query: string;
  readonly regex?: string;
  readonly multi?: boolean;
}

export interface Board {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly Row[];
  readonly variables?: readonly Variable[];
}
