import { Button } from '@grafana/ui';
import React, { useState } from 'react';
import { useScope } from '../../lib/scope';
import { ActionFormDrawer, type ActionFormDrawerProps } from './ActionFormDrawer';
import { RightNote } from './RightNote';
import { useRight } from './rights';

export interface FormButtonProps extends Pick<ActionFormDrawerProps, 'initial' | 'relation'> {
  action: string;
  /** Says nothing where the role is missing: the page says it once. */
  quiet?: boolean;
}

/** "Create index…" where the object is not known yet: a form first. Not there without the role. */
export function FormButton({ action, quiet = false, initial, relation }: FormButtonProps) {
  const [open, setOpen] = useState(false);
  const { target, database, info } = useScope();
  const right = useRight(action);
  const where = database ?? info?.database;
  if (right.state !== 'may' || !right.info || target === undefined || where === undefined) {
    return quiet ? null : <RightNote right={right} />;
  }
  return (
    <>
      <Button size="sm" variant="secondary" onClick={() => setOpen(true)}>
        {right.info.title}…
      </Button>
      {open && (
        <ActionFormDrawer
          {...{ info: right.info, target, database: where, initial, relation }}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}
