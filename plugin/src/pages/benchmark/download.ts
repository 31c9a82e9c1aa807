import type { Report } from '@pgvigil/exporter/contract';

/** The browser saves it under its name. */
export function download({ fileName, mediaType, text }: Report): void {
  const url = URL.createObjectURL(new Blob([text], { type: mediaType }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(url);
}
