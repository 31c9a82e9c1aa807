import type { KeyboardEvent } from 'react';

/** On what opens a row: its link or button. */
export const ROW_OPENER = 'data-row-opener';

/** Arrows, Home and End move between rows' links; Enter is the link's own. */
export function moveBetweenRows(event: KeyboardEvent<HTMLElement>): void {
  const openers = [...event.currentTarget.querySelectorAll<HTMLElement>(`[${ROW_OPENER}]`)];
  const at = openers.indexOf(event.target as HTMLElement);
  const to: Record<string, number> = {
    ArrowDown: Math.min(at + 1, openers.length - 1),
    ArrowUp: Math.max(at - 1, 0),
    Home: 0,
    End: openers.length - 1,
  };
  const next = to[event.key];
  if (at >= 0 && next !== undefined) {
    event.preventDefault();
    openers[next]?.focus();
  }
}
