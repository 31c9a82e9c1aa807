import { SideDrawer } from '../drawer/SideDrawer';
import type { ParamValues } from '@pgvigil/exporter/contract';
import React, { useState } from 'react';
import { ActionLife } from './ActionLife';
import { useRight } from './rights';

export interface ActionDrawerProps {
  action: string;
  target: string;
  database: string;
  params: ParamValues;
  onClose: () => void;
}

/** What will run, then its progress, then what it brought: all in one place. */
export function ActionDrawer({ onClose, ...request }: ActionDrawerProps) {
  const { info } = useRight(request.action);
  const [deed, setDeed] = useState('');
  return (
    <SideDrawer title={deed || info?.title || 'Action'} subtitle={info?.description} size="md" onClose={onClose}>
      <ActionLife {...request} onTitle={setDeed} onClose={onClose} />
    </SideDrawer>
  );
}
