import { render, screen, within } from '@testing-library/react';
import React from 'react';
import { SheetView } from './SheetView';
import { benchmark, sheet } from './testing';
import { FIGURE_ROWS, thresholdsInWords, wantedInWords } from './words';

const table = (name: string) => screen.getByRole('table', { name });
const cells = (name: string, row: RegExp) =>
  within(within(table(name)).getByRole('row', { name: row }))
    .getAllByRole('cell')
    .map((cell) => cell.textContent);

it('says the sentence, and what it rests on', () => {
  render(<SheetView sheet={sheet} />);
  expect(screen.getByText(/^after is 11.8 % faster/)).toBeVisible();
  expect(cells('Latency and throughput', /^p50/)).toEqual(['2 ms', '1.76 ms', '11.8 % faster (8.9 … 14.6 %)', '']);
  expect(cells('Latency and throughput', /^p99\.9/)).toEqual(['–', '–', '', '']);
  expect(within(table('Latency and throughput')).getAllByRole('rowheader')).toHaveLength(FIGURE_ROWS.length);
  expect(cells('What its sessions waited for', /^CPU/)).toEqual(['75 %', '75 %']);
  expect(cells('What the server did', /^WAL/)).toEqual(['2 KiB', '2 KiB']);
  expect(cells('What the server did', /^Checkpoints/)).toEqual(['–', '–']);
  expect(cells('What the workload wants', /^Mean/)).toEqual([' 2 ms, missed', ' 1.76 ms, met']);
  expect(cells('What was compared', /^before/)).toEqual(['nothing']);
  expect(cells('Errors', /^40001/)).toEqual(['orders', 'could not serialize']);
});

it('of two runs says how far it can be trusted', () => {
  const [one] = sheet.benchmarks;
  const { rerender } = render(<SheetView sheet={{ ...sheet, benchmarks: [one, { ...one, id: 'other' }] }} />);
  expect(screen.getByText(/was not measured/)).toBeVisible();
  rerender(<SheetView sheet={{ ...sheet, benchmarks: [one, { ...one, id: 'other' }], drift: 0.02 }} />);
  expect(screen.getByText(/Two runs of the same lie 2 % apart on this machine/)).toBeVisible();
});

it.each([
  [{ state: 'running', verdict: null } as const, 'It is being measured.'],
  [{ state: 'cancelled', message: 'cancelled by ada' } as const, 'Stopped before its end: cancelled by ada.'],
  [{ state: 'done' } as const, 'Nothing was measured.'],
])('without a verdict: %j', (changes, words) => {
  const [one] = sheet.benchmarks;
  render(
    <SheetView
      sheet={{ ...sheet, verdict: null, comparison: null, sides: [], benchmarks: [{ ...one, ...changes }] }}
    />,
  );
  expect(screen.getByText(words)).toBeVisible();
});

it('what was stopped says so first', () => {
  const [one] = sheet.benchmarks;
  const stopped = { ...one, state: 'cancelled', message: 'cancelled by ada' } as const;
  render(<SheetView sheet={{ ...sheet, benchmarks: [stopped] }} />);
  expect(screen.getByText('Stopped before its end: cancelled by ada.')).toBeVisible();
  expect(screen.getByText(/^By then: after is 11.8 % faster/)).toBeVisible();
});

it('thresholds have their units', () => {
  expect(wantedInWords({ name: 'rowsPerHour', wanted: 20_000 })).toBe('Rows an hour at least 20,000');
  expect(wantedInWords({ name: 'p95Ms', wanted: 100 })).toBe('p95 latency below 100 ms');
  expect(wantedInWords({ name: 'poolEfficiency', wanted: 0.9 })).toBe('Pool efficiency above 90 %');
  expect(thresholdsInWords(benchmark.thresholds)).toBe('1 met, 1 missed');
});
