/** The commands beside `serve` and `check`, in the order of the help. */
import type { AddCommands } from './group.ts';

export const groups: readonly AddCommands[] = [];
