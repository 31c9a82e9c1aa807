import { locationUtil } from '@grafana/data';
import { LinkButton } from '@grafana/ui';
import type { Benchmark, Sheet } from '@pgvigil/exporter/contract';
import React from 'react';
import { useCall } from '../../api/useCall';
import { BENCHMARK_COLUMNS } from '../../components/benchmark';
import { AppLink } from '../../components/link/AppLink';
import { ErrorState } from '../../components/states';
import { DataTable } from '../../components/table';
import { useLink } from '../../lib/scope';

const MOST = 10;
const deed = ({ star }: Benchmark) => (star ? 'Compare with the baseline' : 'Compare with it');
const SHOWN = ['state', 'result', 'thresholds', 'started', 'by'];

/** The last of the same workload and kind on the target; a run can be held against an earlier one, first of all the baseline. */
export function History({ sheet: { benchmarks } }: { sheet: Sheet }) {
  const link = useLink();
  const { id, target, workload, kind, state, startedAt } = benchmarks[benchmarks.length - 1];
  const { data, error, stale, refresh } = useCall('GET /api/v1/benchmarks', {
    query: { target, workload: workload.id, kind, pageSize: MOST },
  });
  const canCompare = (one: Benchmark) =>
    kind === 'run' && state === 'done' && one.state === 'done' && one.startedAt < startedAt;
  const columns = BENCHMARK_COLUMNS.filter((column) => SHOWN.includes(column.id));
  return (
    <section aria-label="History of this workload">
      <h3>The same workload before and after</h3>
      {error && <ErrorState part="History" error={error} onRetry={refresh} />}
      <DataTable<Benchmark>
        label="History of this workload"
        columns={[
          {
            id: 'id',
            title: 'Run',
            width: 130,
            cell: (one) => (
              <>
                {one.star && '★ '}
                {one.id.slice(0, 8)}
                {one.id === id && ' (this)'}
              </>
            ),
          },
          ...columns,
        ]}
        rows={data?.items}
        rowKey={(one) => one.id}
        rowHref={(one) => link(`benchmarks/${one.id}`)}
        rowActions={(one) =>
          canCompare(one) && (
            <LinkButton
              size="sm"
              variant="secondary"
              href={locationUtil.assureBaseUrl(link(`benchmarks/${id}`, { with: one.id }))}
              aria-label={`${deed(one)}: ${one.id.slice(0, 8)}`}
            >
              {deed(one)}
            </LinkButton>
          )
        }
        stale={stale}
        skeletonRows={3}
      />
      {data && data.total > MOST && (
        <AppLink href={link('benchmarks', { workload: workload.id })}>All {data.total} of this workload</AppLink>
      )}
    </section>
  );
}
