import type { Finding } from '@pgvigil/exporter/contract';
import { useMemo, useState } from 'react';
import { useActions } from '../../api/actions';
import { rightOf } from '../../components/action';
import { useScope } from '../../lib/scope';

export interface Selection {
  /** Whether who looks at the page may do what the finding asks for. */
  readonly offered: (finding: Finding) => boolean;
  readonly has: (finding: Finding) => boolean;
  readonly set: (findings: readonly Finding[], chosen: boolean) => void;
  /** Of the rows shown, in their order: what is not on the screen is not run. */
  readonly chosen: readonly Finding[];
}

/** @param rows those on the screen. */
export function useSelection(rows: readonly Finding[]): Selection {
  const scope = useScope();
  const { items } = useActions(scope.target);
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const may = useMemo(
    () => new Set(items?.filter((info) => rightOf(info, scope).state === 'may').map(({ id }) => id)),
    [items, scope],
  );
  return {
    offered: ({ action }) => may.has(action),
    has: ({ id }) => ids.has(id),
    set: (findings, chosen) =>
      setIds((before) => {
        const after = new Set(before);
        for (const { id } of findings) {
          if (chosen) after.add(id);
          else after.delete(id);
        }
        return after;
      }),
    chosen: rows.filter(({ id, action }) => ids.has(id) && may.has(action)),
  };
}
