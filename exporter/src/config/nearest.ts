/** Edits (insert, delete, replace) that turn one name into the other. */
const distance = (from: string, to: string): number => {
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = last[column - 1] + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(last[column] + 1, current[column - 1] + 1, replaced));
    }
    last = current;
  }
  return last[to.length];
};

/** The candidate that a slip of the finger would turn into `name`; nothing where every one is a different word. */
export const nearest = (name: string, candidates: Iterable<string>): string | undefined => {
  const wanted = name.toLowerCase();
  let found: { candidate: string; edits: number } | undefined;
  for (const candidate of candidates) {
    const edits = distance(wanted, candidate.toLowerCase());
    const slips = Math.max(1, Math.ceil(candidate.length * 0.4));
    if (edits <= slips && edits < (found?.edits ?? Infinity)) found = { candidate, edits };
  }
  return found?.candidate;
};
