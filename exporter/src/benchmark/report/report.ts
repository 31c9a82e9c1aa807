/** Reports to keep or to send. */
import type { Report, Sheet } from '../../contract/benchmarks.ts';
import { htmlReport } from './html.ts';
import { markdownReport } from './markdown.ts';

export type ReportFormat = 'html' | 'markdown';

const FORMATS = {
  html: { ending: 'html', mediaType: 'text/html', write: htmlReport },
  markdown: { ending: 'md', mediaType: 'text/markdown', write: markdownReport },
} as const;

export function reportOf(sheet: Sheet, format: ReportFormat): Report {
  const { ending, mediaType, write } = FORMATS[format];
  const ids = sheet.benchmarks.map(({ id }) => id.slice(0, 8)).join('-');
  return { fileName: `${sheet.benchmarks[0].workload.id}-${ids}.${ending}`, mediaType, text: write(sheet) };
}
