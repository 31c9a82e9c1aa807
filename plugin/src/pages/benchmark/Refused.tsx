import { Alert } from '@grafana/ui';
import React from 'react';
import type { Failure } from '../../api/failure';

/** Two runs that are not compared, and all in which they differ. */
export function Refused({ error: { message } }: { error: Failure }) {
  const [what, ...differences] = message.split('\n').map((line) => line.trim());
  return (
    <Alert severity="warning" title={`Not compared: ${what.replace(/^The/, 'the').replace(/[:.]$/, '')}`}>
      <ul>
        {differences.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </Alert>
  );
}
