/** Charts as SVG, without a script: they look the same in a mail. Colours are the page's. */
import type { BenchmarkPoint, Change, Sheet } from '../../contract/benchmarks.ts';
import { html, type Html, joined } from './markup.ts';

const WIDTH = 720;
const HEIGHT = 220;
const LEFT = 64;
const BOTTOM = 28;
const TOP = 10;
const RIGHT = 12;

const TICKS = 4;

/** A line a side, from zero; seconds to the right. */
export function courseChart(
  sides: Sheet['sides'],
  title: string,
  read: (point: BenchmarkPoint) => number | null,
  write: (value: number) => string,
): Html | null {
  const points = sides.map(({ series }) =>
    series.flatMap((point) => {
      const value = read(point);
      return value === null ? [] : [[point.at, value] as const];
    }),
  );
  const all = points.flat();
  if (all.length < 2) return null;
  const end = Math.max(...all.map(([at]) => at));
  const step = niceStep(Math.max(...all.map(([, value]) => value)) / TICKS);
  const top = Math.max(step, Math.ceil(Math.max(...all.map(([, value]) => value)) / step) * step);
  const x = (at: number): string => (LEFT + (at / Math.max(end, 1e-9)) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const y = (value: number): string => (HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP)).toFixed(1);
  const lines = Array.from({ length: Math.round(top / step) + 1 }, (_, i) => i * step);
  return html`<figure>
    <figcaption>${title}</figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
      ${joined(
        lines.map(
          (value) =>
            html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}" /><text
                x="${LEFT - 6}"
                y="${y(value)}"
                dy="4"
                text-anchor="end"
                >${write(value)}</text
              >`,
        ),
      )}
      <text x="${LEFT}" y="${HEIGHT - 8}">0 s</text>
      <text x="${WIDTH - RIGHT}" y="${HEIGHT - 8}" text-anchor="end">${end.toFixed(0)} s</text>
      ${joined(
        points.map(
          (own, i) =>
            html`<polyline class="side${i}" points="${own.map(([at, value]) => `${x(at)},${y(value)}`).join(' ')}" />`,
        ),
      )}
    </svg>
    <p class="legend">${joined(sides.map(({ name }, i) => html`<span class="key${i}"></span> ${name} `))}</p>
  </figure>`;
}

/** Ratios with their intervals around 1, on a scale on which half and twice are equally far. */
export function changesChart(changes: readonly Change[], margin: number): Html | null {
  const known = changes.flatMap(({ figure, ratio, low, high }) =>
    ratio === null || low === null || high === null ? [] : [{ figure, ratio, low, high }],
  );
  if (known.length === 0) return null;
  const reach = Math.max(
    Math.log1p(margin) * 2,
    ...known.flatMap(({ low, high }) => [Math.abs(Math.log(low)), Math.abs(Math.log(high))]),
  );
  const row = 28;
  const height = known.length * row + 40;
  const left = 100;
  const x = (ratio: number): string =>
    (left + ((Math.log(ratio) / reach + 1) / 2) * (WIDTH - left - RIGHT - 30)).toFixed(1);
  const ends = [Math.exp(-reach), 1, Math.exp(reach)];
  const title = 'Ratio of the second to the first, with its 95 % interval';
  return html`<figure>
    <figcaption>${title}</figcaption>
    <svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}">
      <rect
        class="margin"
        x="${x(1 / (1 + margin))}"
        width="${(Number(x(1 + margin)) - Number(x(1 / (1 + margin)))).toFixed(1)}"
        y="4"
        height="${height - 34}"
      />
      <line class="one" x1="${x(1)}" x2="${x(1)}" y1="4" y2="${height - 30}" />
      ${joined(
        known.map(
          ({ figure, ratio, low, high }, i) =>
            html`<text x="${left - 14}" y="${i * row + 24}" text-anchor="end">${figure}</text
              ><line class="interval" x1="${x(low)}" x2="${x(high)}" y1="${i * row + 20}" y2="${i * row + 20}" /><circle
                cx="${x(ratio)}"
                cy="${i * row + 20}"
                r="4"
              />`,
        ),
      )}
      ${joined(
        ends.map((end) => html`<text x="${x(end)}" y="${height - 10}" text-anchor="middle">× ${end.toFixed(2)}</text>`),
      )}
    </svg>
    <p class="legend">Shaded: smaller than what matters.</p>
  </figure>`;
}

/** 1, 2 or 5 times a power of ten, not less than this. */
function niceStep(least: number): number {
  if (least <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= least * (1 - 1e-9))!;
}
