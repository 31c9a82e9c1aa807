import { Combobox, type ComboboxOption } from '@grafana/ui';
import type { Relation } from '@pgvigil/exporter/contract';
import React, { useMemo, useState } from 'react';
import { call } from '../../../api/client';
import { format } from '../../../lib/format';

type Kind = 'table' | 'index' | 'invalid index' | 'materialized view';

export interface ObjectPickerProps {
  id: string;
  kind: Kind;
  target: string;
  database: string;
  value: number | undefined;
  /** Its name, where it is known already. */
  relation?: Relation;
  onChange: (oid: number | undefined) => void;
}

const SHOWN = 50;
const nameOf = (relation: Relation) => `${relation.schema}.${relation.name}`;

/** Typeahead: names are looked for on the server, so that 5,000 tables are no list. */
export function ObjectPicker({ id, kind, target, database, value, relation, onChange }: ObjectPickerProps) {
  const [chosen, setChosen] = useState<ComboboxOption<number> | undefined>();
  const load = useMemo(
    () => async (search: string) => {
      const answer = await call('GET /api/v1/objects', {
        query: { target, database, kind, search: search || undefined, pageSize: SHOWN },
      });
      return answer.items.map((item) => ({
        value: item.relation.oid,
        label: nameOf(item.relation),
        description: [item.table, item.sizeBytes === null ? null : format('bytes', item.sizeBytes)]
          .filter(Boolean)
          .join(', '),
      }));
    },
    [target, database, kind],
  );
  const known =
    chosen?.value === value
      ? chosen
      : relation && relation.oid === value
        ? { value: relation.oid, label: nameOf(relation) }
        : null;
  return (
    <Combobox<number>
      id={id}
      options={load}
      isClearable
      value={value === undefined ? null : (known ?? { value, label: `object ${value}` })}
      placeholder={`Type a part of the ${kind}'s name`}
      noOptionsMessage={`No ${kind} of that name`}
      onChange={(option) => {
        setChosen(option ?? undefined);
        onChange(option?.value);
      }}
    />
  );
}
