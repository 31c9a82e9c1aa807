import { Button, type ButtonProps } from '@grafana/ui';
import type { ParamValues } from '@pgvigil/exporter/contract';
import React, { useState } from 'react';
import { ActionDrawer } from './ActionDrawer';
import { RightNote } from './RightNote';
import { useRight } from './rights';

export interface ActionButtonProps {
  /** Its id in `GET /actions`. */
  action: string;
  target: string;
  database: string;
  params: ParamValues;
  /** The object, for screen readers: many rows have a button "Vacuum…". */
  object?: string;
  /** Says nothing where the role is missing: the page says it once. */
  quiet?: boolean;
  size?: ButtonProps['size'];
  variant?: ButtonProps['variant'];
  onClose?: () => void;
}

/** "Vacuum…": the dots mean that a preview follows. Not there without the role. */
export function ActionButton(props: ActionButtonProps) {
  const { action, target, database, params, object, quiet = false, size = 'sm', variant = 'secondary' } = props;
  const [open, setOpen] = useState(false);
  const right = useRight(action);
  if (right.state !== 'may' || !right.info) return quiet ? null : <RightNote right={right} />;
  const { title } = right.info;
  return (
    <>
      <Button
        size={size}
        variant={variant}
        onClick={() => setOpen(true)}
        aria-label={object === undefined ? undefined : `${title}… ${object}`}
      >
        {title}…
      </Button>
      {open && (
        <ActionDrawer
          {...{ action, target, database, params }}
          onClose={() => {
            setOpen(false);
            props.onClose?.();
          }}
        />
      )}
    </>
  );
}
