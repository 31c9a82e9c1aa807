/** What of a running query may be shown, by role. */
import type { Role } from '../contract/index.ts';

export type Normalise = (text: string) => string | undefined;

/** First words that say what a statement does and nothing else. */
const COMMANDS =
  /^\s*(select|insert|update|delete|merge|with|values|table|copy|call|do|execute|prepare|deallocate|declare|fetch|move|close|begin|start|commit|end|rollback|abort|savepoint|release|set|reset|show|discard|explain|analyze|vacuum|reindex|cluster|refresh|checkpoint|create|alter|drop|truncate|comment|grant|revoke|lock|listen|notify|unlisten|load|import|security|reassign)\b/i;

/** The same sessions are asked for every few seconds. */
const MOST_KEPT = 500;
const kept = new Map<string, string | null>();

/** As it is for admins; below that without literals, or only its first word where they cannot be told. */
export function queryText(text: string | null, role: Role, normalise: Normalise): string | null {
  if (text === null || role === 'Admin') return text;
  const known = kept.get(text);
  if (known !== undefined) return known;
  const shown = normalise(text) ?? COMMANDS.exec(text)?.[1].toUpperCase() ?? null;
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(text, shown);
  return shown;
}
