import React from 'react';
import { format, type Quantity } from '../../lib/format';
import { Unknown } from './Unknown';

export interface ValueProps {
  quantity: Quantity;
  value: number | null | undefined;
  /** Why it is not known, if it is not. */
  reason?: string;
  /** An estimate: marked ≈. */
  estimate?: boolean;
}

/** A single figure with its own unit. */
export function Value({ quantity, value, reason = 'This server does not count it.', estimate }: ValueProps) {
  if (value === null || value === undefined) {
    return <Unknown reason={reason} />;
  }
  return (
    <>
      {estimate && '≈ '}
      {format(quantity, value)}
    </>
  );
}
