import { Button } from '@grafana/ui';
import React, { useState } from 'react';
import { mayAs } from '../../components/action';
import { NoPermission } from '../../components/states';
import { useScope } from '../../lib/scope';
import { RunDrawer } from './RunDrawer';

/** Not there for who may not: a benchmark loads the server as hard as its workload says. */
export function NewRun({ onStarted }: { onStarted: () => void }) {
  const { target, status } = useScope();
  const [open, setOpen] = useState(false);
  if (!status || target === undefined) return null;
  if (!mayAs(status.you.role, 'Admin')) return <NoPermission deed="start a benchmark" role="Admin" />;
  return (
    <>
      <Button icon="plus" onClick={() => setOpen(true)}>
        New run…
      </Button>
      {open && (
        <RunDrawer
          target={target}
          onClose={() => setOpen(false)}
          onStarted={() => {
            setOpen(false);
            onStarted();
          }}
        />
      )}
    </>
  );
}
