import React from 'react';
import { Button } from '@grafana/ui';
import { Empty } from '../../components/states';
import { useScope } from '../../lib/scope';
import { formatDuration } from '../../lib/time';

export interface NoStatementsProps {
  filtered: boolean;
  onClear: () => void;
  /** What the server says about the window. */
  notes: readonly string[];
}

/** Why the list is empty: nothing matches, or nothing is recorded yet. */
export function NoStatements({ filtered, onClear, notes }: NoStatementsProps) {
  const { status } = useScope();
  if (filtered) {
    return (
      <Empty
        title="No statement of this window matches"
        action={
          <Button variant="secondary" onClick={onClear}>
            Clear filters
          </Button>
        }
      >
        Search looks at the normalised text, in which values are $1, $2 …, and at queryids.
      </Empty>
    );
  }
  const every = status && `Recorded is every ${formatDuration(status.history.intervalSeconds)}.`;
  return (
    <Empty title="No statements in this window">
      Here stand the statements that ran, costliest first. {every} The first figures come with the second snapshot of
      pg_stat_statements. {notes.join(' ')}
    </Empty>
  );
}
