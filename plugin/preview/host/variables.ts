/** Dashboard variables of the preview: `var-…` of the address, written as `$name`, `${name}` or `[[name]]`. */
export function variables(search = window.location.search): Record<string, string[]> {
  const params = new URLSearchParams(search);
  const names = [...new Set(params.keys())].filter((name) => name.startsWith('var-'));
  return Object.fromEntries(names.map((name) => [name.slice('var-'.length), params.getAll(name)]));
}

/** @param format as a panel may give it: several values become one text. */
export function interpolate(text: string, format?: unknown): string {
  const values = variables();
  const written = (chosen: string[]): string => {
    const value = chosen.length === 1 ? chosen[0] : chosen;
    return typeof format === 'function' ? String((format as (value: unknown) => unknown)(value)) : chosen.join(',');
  };
  return text.replace(/\$(\w+)|\$\{(\w+)(?::\w+)?\}|\[\[(\w+)\]\]/g, (whole, a?: string, b?: string, c?: string) => {
    const chosen = values[a ?? b ?? c ?? ''];
    return chosen === undefined ? whole : written(chosen);
  });
}
