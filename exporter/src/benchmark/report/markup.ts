/** HTML out of templates: what is put in is text, unless it was made here. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (one) => ESCAPES[one]);

export const html = (parts: TemplateStringsArray, ...values: readonly (Html | string | number)[]): Html =>
  new Html(
    parts.reduce((whole, part, i) => {
      const value = values[i - 1];
      return whole + (value instanceof Html ? value.text : escaped(String(value))) + part;
    }),
  );

export const joined = (all: readonly Html[]): Html => new Html(all.map(({ text }) => text).join('\n'));
