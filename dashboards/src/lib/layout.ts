/** Where panels stand: from left to right as they come, a new line when one does not fit. */
import type { Panel, Row } from './types.ts';

const COLUMNS = 24;

const SIZES: Readonly<Record<Panel['type'], readonly [w: number, h: number]>> = {
  timeseries: [8, 9],
  stat: [4, 5],
  gauge: [4, 5],
  bargauge: [8, 9],
  'state-timeline': [12, 6],
  table: [12, 9],
  'pgvigil-queries-panel': [24, 10],
  'pgvigil-actions-panel': [24, 8],
};

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** The place of each row's title and of its panels, in order. */
export function layout(rows: readonly Row[]): { row: Place; panels: Place[] }[] {
  let y = 0;
  return rows.map(({ panels }) => {
    const row = { x: 0, y: y++, w: COLUMNS, h: 1 };
    let [x, lineHeight] = [0, 0];
    const places = panels.map(({ type, w = SIZES[type][0], h = SIZES[type][1] }) => {
      if (x + w > COLUMNS) [x, y, lineHeight] = [0, y + lineHeight, 0];
      const place = { x, y, w, h };
      x += w;
      lineHeight = Math.max(lineHeight, h);
      return place;
    });
    y += lineHeight;
    return { row, panels: places };
  });
}
