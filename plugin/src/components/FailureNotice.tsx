import { Alert, Button, Stack } from '@grafana/ui';
import React from 'react';

/** As `Failure` of the API's client has it. */
interface Props {
  failure: { message: string; hint: string };
  /** Which part is missing: the start of the sentence "… could not be loaded". */
  what: string;
  onRetry?: () => void;
}

/** Names the part that failed, why, and the cure; the rest of the page lives on. */
export function FailureNotice({ failure, what, onRetry }: Props) {
  return (
    <Alert severity="error" title={`${what} could not be loaded`}>
      <Stack direction="column" gap={1} alignItems="flex-start">
        <span>
          {failure.message} {failure.hint}
        </span>
        {onRetry && (
          <Button variant="secondary" size="sm" icon="sync" onClick={onRetry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
