import React from 'react';
import { Tooltip } from '@grafana/ui';
import { formatAbsolute, formatRelative } from '../../lib/time';

export interface TimeProps {
  /** ISO 8601. */
  iso: string;
  /** Milliseconds; that of the answer it came with, so that a page says one thing. Absent: this moment. */
  now?: number;
}

/** "3 h ago", with the absolute time on hover. */
export function Time({ iso, now }: TimeProps) {
  return (
    <Tooltip content={formatAbsolute(iso)}>
      <time dateTime={iso}>{formatRelative(iso, now ?? Date.now())}</time>
    </Tooltip>
  );
}
