/**
 * postgres_exporter's `runonserver`: `>=10.0.0 <14.0.0 || >=16.0.0`. A space means and, `||` or;
 * a comparison is one of = == != ! > >= < <=, nothing means =.
 */
const COMPARISON = /^(==|=|!=|!|>=|<=|>|<)?\s*v?(\d+)(?:\.(\d+|x))?(?:\.(\d+|x))?(?:-[\w.]+)?$/;

type Version = readonly [major: number, minor: number, patch: number];

const parse = (range: string): ((version: Version) => boolean)[][] | undefined => {
  const alternatives = range.split('||').map((part) =>
    part
      .replace(/([<>=!])\s+/g, '$1')
      .trim()
      .split(/\s+/)
      .map(comparison),
  );
  return alternatives.flat().includes(undefined) ? undefined : (alternatives as ((version: Version) => boolean)[][]);
};

const comparison = (written: string): ((version: Version) => boolean) | undefined => {
  const match = COMPARISON.exec(written);
  if (match === null) return undefined;
  const [, operator = '=', ...parts] = match;
  // A part that is absent or "x" matches every number: 10.x is the whole of 10.
  const wanted = parts
    .slice(0, 3)
    .filter((part) => part !== undefined && part !== 'x')
    .map(Number);
  const order = (version: Version): number =>
    wanted.map((part, index) => version[index] - part).find((sign) => sign !== 0) ?? 0;
  const tests: Record<string, (version: Version) => boolean> = {
    '>': (version) => order(version) > 0,
    '>=': (version) => order(version) >= 0,
    '<': (version) => order(version) < 0,
    '<=': (version) => order(version) <= 0,
    '!': (version) => order(version) !== 0,
    '!=': (version) => order(version) !== 0,
  };
  return tests[operator] ?? ((version) => order(version) === 0);
};

export const isServerRange = (range: string): boolean => parse(range) !== undefined;

/** Whether a server whose `server_version` is given (`17.2 (Debian …)`, `9.6.24`, `18beta1`) lies in the range. */
export const inServerRange = (range: string, serverVersion: string): boolean => {
  const [, ...parts] = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(serverVersion) ?? [];
  const [major = 0, minor = 0, patch = 0] = parts.map((part) => Number(part ?? 0));
  return parse(range)?.some((comparisons) => comparisons.every((holds) => holds([major, minor, patch]))) ?? false;
};
