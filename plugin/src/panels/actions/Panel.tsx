import { css } from '@emotion/css';
import type { GrafanaTheme2, PanelProps } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { Job } from '@pgvigil/exporter/contract';
import React, { useMemo } from 'react';
import { useActions } from '../../api/actions';
import { useCall } from '../../api/useCall';
import { Rights } from '../../components/action';
import { Empty } from '../../components/states/Empty';
import { ErrorState } from '../../components/states/ErrorState';
import { ScopeContext, useScope } from '../../lib/scope';
import { ObjectRow } from './ObjectRow';
import { filled, type Options } from './options';
import { usePanelScope } from './usePanelScope';

/** Chosen actions on chosen objects: the same preview, progress and effect as in the app. */
export function Panel({ options, timeRange, replaceVariables, width, height }: PanelProps<Options>) {
  const [target, database] = [options.target, options.database].map((text) => replaceVariables(text).trim());
  const objects = filled(options.objects, replaceVariables as never);
  const { scope, error } = usePanelScope(target, database, timeRange);
  return (
    <ScopeContext.Provider value={scope}>
      <div style={{ width, height, overflow: 'auto' }}>
        {error && <ErrorState part="Exporter" error={error} />}
        {scope.target !== undefined && !scope.info && !error && scope.status && (
          <Empty title={`No target named “${scope.target}”`}>
            Choose one that the exporter knows in the panel’s options.
          </Empty>
        )}
        {objects.length === 0 ? (
          <Empty title="No objects chosen">Name tables, indexes or materialized views in the panel’s options.</Empty>
        ) : (
          scope.info && <Objects objects={objects} chosen={options.actions} />
        )}
      </div>
    </ScopeContext.Provider>
  );
}

const EVERY_SECONDS = 5;
const LATEST = 100;
const NO_JOBS: readonly Job[] = [];

function Objects({ objects, chosen }: { objects: readonly string[]; chosen: readonly string[] }) {
  const styles = useStyles2(getStyles);
  const { target, status } = useScope();
  const { items, error } = useActions(target);
  const wanted = useMemo(() => chosen.map((id) => id.trim()).filter(Boolean), [chosen]);
  const actions = useMemo(
    () => items?.filter(({ id, kind }) => kind === 'maintenance' && (wanted.length === 0 || wanted.includes(id))) ?? [],
    [items, wanted],
  );
  const on = target !== undefined && status?.state.state === 'on';
  const jobs = useCall('GET /api/v1/jobs', on ? { query: { target, pageSize: LATEST } } : undefined, {
    everySeconds: EVERY_SECONDS,
  });
  const unknown = items ? wanted.filter((id) => !items.some((info) => info.id === id)) : [];
  return (
    <>
      {error && <ErrorState part="Actions" error={error} />}
      <div className={styles.note}>
        <Rights actions={actions.map(({ id }) => id)} />
      </div>
      {unknown.length > 0 && <p className={styles.note}>The exporter has no action {unknown.join(', ')}.</p>}
      <ul className={styles.list}>
        {objects.map((name) => (
          <ObjectRow key={name} {...{ name, actions }} jobs={jobs.data?.items ?? NO_JOBS} onChanged={jobs.refresh} />
        ))}
      </ul>
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  note: css({ margin: 0, padding: theme.spacing(1), '&:empty': { display: 'none' } }),
  list: css({ listStyle: 'none', margin: 0, padding: 0 }),
});
