import type { IndexCandidate } from '@pgvigil/exporter/contract';
import React from 'react';
import { useActions } from '../../api/actions';
import { ActionFormDrawer } from './ActionFormDrawer';

export interface CreateIndexFormProps {
  target: string;
  database: string;
  /** From a statement's predicates: what the form begins with. */
  candidate?: IndexCandidate;
  onClose: () => void;
}

/** The form "create index", prefilled; nothing until the actions are known. Whoever opens it has asked `useRight`. */
export function CreateIndexForm({ target, database, candidate, onClose }: CreateIndexFormProps) {
  const { items } = useActions(target);
  const info = items?.find(({ id }) => id === CREATE_INDEX);
  if (!info) return null;
  const initial = candidate && {
    table: candidate.table.oid,
    columns: candidate.columns.map(({ name, order }) => ({ name, order })),
    method: candidate.method,
    ...(candidate.include.length > 0 ? { include: candidate.include } : {}),
  };
  return <ActionFormDrawer {...{ info, target, database, initial, onClose }} relation={candidate?.table} />;
}

/** The one action that another page names: an index candidate is made for it. */
export const CREATE_INDEX = 'create_index';
