import { SideDrawer } from '../drawer/SideDrawer';
import type { ActionInfo, ParamValues, Relation } from '@pgvigil/exporter/contract';
import React, { useState } from 'react';
import { ActionLife } from './ActionLife';
import { ActionForm } from './form/ActionForm';
import type { FormValues } from './form/form_values';

export interface ActionFormDrawerProps {
  info: ActionInfo;
  target: string;
  database: string;
  /** What the form begins with. */
  initial?: FormValues;
  /** Name of the object in `initial`. */
  relation?: Relation;
  onClose: () => void;
}

/** Asks for the parameters, then goes the way of every action; "Change" leads back with all fields kept. */
export function ActionFormDrawer({ info, target, database, initial = {}, relation, onClose }: ActionFormDrawerProps) {
  const [values, setValues] = useState<FormValues>(initial);
  const [params, setParams] = useState<ParamValues>();
  const [deed, setDeed] = useState('');
  return (
    <SideDrawer title={(params && deed) || info.title} subtitle={info.description} size="lg" onClose={onClose}>
      {params ? (
        <ActionLife
          {...{ action: info.id, target, database, params, onClose }}
          onTitle={setDeed}
          onBack={() => setParams(undefined)}
        />
      ) : (
        <ActionForm
          {...{ info, target, database, values, relation, onClose }}
          onChange={setValues}
          onSubmit={setParams}
        />
      )}
    </SideDrawer>
  );
}
