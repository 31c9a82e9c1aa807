import { useEffect, useState } from 'react';

/** Where "Preview…" was, the deed stands a moment later: the second half of a double click must not confirm it. */
const ARMED_AFTER_MS = 600;

/** @param id of what would be confirmed; undefined: nothing yet. */
export function useArmed(id: string | undefined): boolean {
  const [armed, setArmed] = useState<string>();
  useEffect(() => {
    const timer = setTimeout(() => setArmed(id), ARMED_AFTER_MS);
    return () => clearTimeout(timer);
  }, [id]);
  return id !== undefined && armed === id;
}
