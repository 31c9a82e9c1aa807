/** A report as one page that needs nothing else: to be mailed, printed, kept. */
import type { Sheet } from '../../contract/benchmarks.ts';
import { changesChart, courseChart } from './chart.ts';
import { milliseconds, number } from './format.ts';
import { html, Html, joined } from './markup.ts';
import { type Table, tablesOf } from './tables.ts';
import { headOf } from './head.ts';

const STYLE = `
  :root { color-scheme: light dark; --back: #fff; --fore: #1f2328; --faint: #59636e; --line: #d1d9e0; --a: #1f60c4; --b: #b45309; --shade: #8888882e; }
  @media (prefers-color-scheme: dark) {
    :root { --back: #111217; --fore: #e6e8eb; --faint: #9da5b0; --line: #34373f; --a: #6e9fff; --b: #ffb357; }
  }
  body { background: var(--back); color: var(--fore); font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.5rem; margin-bottom: 0 } h2 { font-size: 1.1rem; margin-top: 2.2rem }
  .verdict { font-size: 1.35rem; margin: 1.2rem 0 0.4rem } .faint, figcaption, .legend { color: var(--faint) }
  .table { overflow-x: auto }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums }
  th, td { text-align: left; vertical-align: top; padding: 0.25rem 1.2rem 0.25rem 0; border-bottom: 1px solid var(--line) }
  td { overflow-wrap: anywhere; min-width: 5rem }
  figure { margin: 1.2rem 0 } svg { width: 100%; height: auto; font-size: 12px } svg text { fill: var(--faint) }
  .grid { stroke: var(--line) } polyline { fill: none; stroke-width: 1.5 }
  .side0 { stroke: var(--a) } .side1 { stroke: var(--b) }
  .key0, .key1 { display: inline-block; width: 0.9rem; height: 0.2rem; vertical-align: middle; background: var(--a) } .key1 { background: var(--b) }
  .legend { margin: 0.2rem 0 } .margin { fill: var(--shade) } .one { stroke: var(--faint); stroke-dasharray: 3 3 }
  .interval { stroke: var(--a); stroke-width: 3 } circle { fill: var(--a) }
  @media print { body { max-width: none; margin: 0 } figure, table { break-inside: avoid } }`;

export function htmlReport(sheet: Sheet): string {
  const { title, subtitle, verdict, notes } = headOf(sheet);
  const { sides, comparison } = sheet;
  const charts = [
    comparison && changesChart(comparison.changes, comparison.margin),
    courseChart(sides, 'Answers per second', ({ perSecond }) => perSecond, number),
    courseChart(sides, 'p50 of each stretch', ({ p50Us }) => p50Us, milliseconds),
    courseChart(sides, 'p99 of each stretch', ({ p99Us }) => p99Us, milliseconds),
  ].filter((chart) => chart !== null);
  const [first, ...others] = tablesOf(sheet);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <h1>${title}</h1>
        <p class="faint">${subtitle}</p>
        <p class="verdict">${verdict}</p>
        ${joined(notes.map((note) => html`<p>${note}</p>`))} ${tableHtml(first)} ${joined(charts)}
        ${joined(others.map(tableHtml))}
      </body>
    </html> `.text;
}

const tableHtml = ({ title, head, rows, note }: Table): Html =>
  html`<h2>${title}</h2>
    <div class="table">
      <table>
        ${head.some((name) => name !== '')
          ? html`<thead>
              <tr>
                ${joined(head.map((name) => html`<th scope="col">${name}</th>`))}
              </tr>
            </thead>`
          : ''}
        <tbody>
          ${joined(
            rows.map(
              (row) =>
                html`<tr>
                  ${joined(row.map((cell) => html`<td>${cell}</td>`))}
                </tr>`,
            ),
          )}
        </tbody>
      </table>
    </div>
    ${note === undefined ? '' : html`<p class="faint">${note}</p>`}`;
