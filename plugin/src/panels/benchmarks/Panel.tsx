import type { PanelProps } from '@grafana/data';
import React, { useMemo } from 'react';
import { useCall } from '../../api/useCall';
import { BENCHMARK_COLUMNS } from '../../components/benchmark';
import { Empty, ErrorState } from '../../components/states';
import { DataTable, fitting, visibleColumns } from '../../components/table';
import { type Scope, ScopeContext, useLink } from '../../lib/scope';
import { DEFAULTS, type Options } from './options';

const EVERY_SECONDS = 5;
const LARGEST = 50;

/** The last benchmarks, with what came of each; each is a link to its page. */
export function Panel({ options, timeRange, replaceVariables, width, height }: PanelProps<Options>) {
  const fill = (text: string) => replaceVariables(text).trim() || undefined;
  const [target, workload] = [fill(options.target), fill(options.workload)];
  const limit = Math.max(1, Math.min(LARGEST, Math.floor(options.limit) || DEFAULTS.limit));
  const scope = useMemo<Scope>(
    () => ({ target, database: undefined, range: timeRange, info: undefined, status: undefined }),
    [target, timeRange],
  );
  return (
    <ScopeContext.Provider value={scope}>
      <div style={{ width, height, overflow: 'auto' }}>
        <Content {...{ target, workload, limit, width }} />
      </div>
    </ScopeContext.Provider>
  );
}

interface ContentProps {
  target: string | undefined;
  workload: string | undefined;
  limit: number;
  /** In pixels. */
  width: number;
}

function Content({ target, workload, limit, width }: ContentProps) {
  const link = useLink();
  const query = { target, workload, pageSize: limit };
  const { data, error, stale, refresh } = useCall('GET /api/v1/benchmarks', { query }, { everySeconds: EVERY_SECONDS });
  const columns = useMemo(() => visibleColumns(fitting(BENCHMARK_COLUMNS, width), ''), [width]);
  return (
    <>
      {error && <ErrorState part="Benchmarks" error={error} onRetry={refresh} />}
      {(data || !error) && (
        <DataTable
          label="Benchmarks"
          frameless
          columns={columns}
          rows={data?.items}
          rowKey={({ id }) => id}
          rowHref={({ id, target: on }) => link(`benchmarks/${id}`, { target: on })}
          stale={stale}
          skeletonRows={limit}
          empty={<Empty title="Nothing was measured yet">The app's page Benchmarks starts a run.</Empty>}
        />
      )}
    </>
  );
}
