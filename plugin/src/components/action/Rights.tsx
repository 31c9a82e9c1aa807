import type { ActionInfo } from '@pgvigil/exporter/contract';
import React from 'react';
import { useActions } from '../../api/actions';
import { useScope } from '../../lib/scope';
import { NoPermission } from '../states/NoPermission';
import { deedOf, RightNote } from './RightNote';
import { rightOf } from './rights';

/** Once for all rows: which role may do what they would offer, or what is missing. Nothing where all may. */
export function Rights({ actions }: { actions: readonly string[] }) {
  const scope = useScope();
  const { items } = useActions(scope.target);
  const rights = (items ?? []).filter(({ id }) => actions.includes(id)).map((info) => rightOf(info, scope));
  const off = rights.find(({ state }) => state === 'off');
  if (off) return <RightNote right={off} />;
  const withheld = rights.flatMap(({ state, info }) => (state === 'role' && info ? [info] : []));
  return (
    <>
      {(['Editor', 'Admin'] as const).map((role) => {
        const of = withheld.filter((info: ActionInfo) => info.role === role);
        return of.length === 0 ? null : <NoPermission key={role} role={role} deed={deedOf(...of)} />;
      })}
    </>
  );
}
