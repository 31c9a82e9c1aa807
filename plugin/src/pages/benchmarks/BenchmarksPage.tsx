import { css } from '@emotion/css';
import { type GrafanaTheme2, locationUtil } from '@grafana/data';
import { Button, FilterPill, LinkButton, useStyles2 } from '@grafana/ui';
import type { Benchmark } from '@pgvigil/exporter/contract';
import React, { useMemo } from 'react';
import { useCall } from '../../api/useCall';
import { BENCHMARK_COLUMNS, KIND_WORDS } from '../../components/benchmark';
import { useWidth } from '../../components/charts/useWidth';
import { Empty, ErrorState } from '../../components/states';
import { DataTable, fitting, Pager, SearchBox, visibleColumns } from '../../components/table';
import { useLink, useScope } from '../../lib/scope';
import { useUrlState } from '../../lib/url_state';
import { NewRun } from './NewRun';

const DEFAULTS = { search: '', kind: '', workload: '', page: '', first: '' };
const KINDS = ['run', 'ab', 'aa'] as const;
const PAGE_SIZE = 25;
const WHILE_RUNNING_SECONDS = 2;
const SECONDS = 15;

/** Did the change make it faster, beyond doubt? */
export default function BenchmarksPage() {
  const styles = useStyles2(getStyles);
  const { target } = useScope();
  const link = useLink();
  const [url, setUrl] = useUrlState(DEFAULTS);
  const [frame, width] = useWidth();
  const page = Number(url.page) || 1;
  const kind = KINDS.find((name) => name === url.kind);
  const { search, workload } = url;
  const query = { target, search, workload: workload || undefined, kind, page, pageSize: PAGE_SIZE };
  const { data, error, stale, refresh } = useCall(
    'GET /api/v1/benchmarks',
    target === undefined ? undefined : { query },
    {
      // More often while something runs.
      everySeconds: (found) =>
        found?.items.some(({ state }) => state === 'running') ? WHILE_RUNNING_SECONDS : SECONDS,
    },
  );
  const first = data?.items.find(({ id }) => id === url.first);
  const columns = useMemo(() => visibleColumns(fitting(BENCHMARK_COLUMNS, width), ''), [width]);
  const filtered = search !== '' || kind !== undefined || workload !== '';
  if (error && !data) return <ErrorState part="Benchmarks" error={error} onRetry={refresh} />;
  return (
    <div className={styles.page} ref={frame}>
      {error && <ErrorState part="Benchmarks" error={error} onRetry={refresh} />}
      <div className={styles.tools}>
        <SearchBox
          label="Search benchmarks"
          value={search}
          onSearch={(text) => setUrl({ search: text, page: '' })}
          width={36}
        />
        <div role="group" aria-label="Filter by kind" className={styles.pills}>
          {KINDS.map((name) => (
            <FilterPill
              key={name}
              label={KIND_WORDS[name]}
              selected={name === kind}
              onClick={() => setUrl({ kind: name === kind ? '' : name, page: '' })}
            />
          ))}
        </div>
        {workload !== '' && (
          <Button variant="secondary" fill="text" icon="times" onClick={() => setUrl({ workload: '', page: '' })}>
            Only {workload}
          </Button>
        )}
        <span className={styles.push} />
        <NewRun onStarted={refresh} />
      </div>
      {first && (
        <p className={styles.chosen} role="status">
          Choose the run to compare with {first.workload.title} of {new Date(first.startedAt).toLocaleString()}.{' '}
          <Button size="sm" variant="secondary" fill="text" onClick={() => setUrl({ first: '' })}>
            Never mind
          </Button>
        </p>
      )}
      <DataTable<Benchmark>
        label="Benchmarks"
        columns={columns}
        rows={data?.items}
        rowKey={({ id }) => id}
        rowHref={({ id }) => link(`benchmarks/${id}`)}
        rowActions={(one) => <Compare one={one} first={first} onFirst={(id) => setUrl({ first: id })} />}
        stale={stale}
        empty={
          filtered ? (
            <Empty title="No benchmark matches">Search for another workload, or choose another kind.</Empty>
          ) : (
            <Empty title="Nothing was measured yet">
              A run tells how fast a workload is; “Before and after” measures its two arms by turns and says whether the
              change made it faster, beyond what the machine does by itself.
            </Empty>
          )
        }
      />
      {data && data.total > 0 && (
        <Pager
          noun="benchmark"
          {...{ page, pageSize: PAGE_SIZE, total: data.total }}
          onPage={(to) => setUrl({ page: String(to) })}
        />
      )}
    </div>
  );
}

/** Of plain runs that are done: two of the same workload can be held against each other, the earlier one first. */
function Compare({ one, first, onFirst }: { one: Benchmark; first?: Benchmark; onFirst: (id: string) => void }) {
  const link = useLink();
  const canBe = one.kind === 'run' && one.state === 'done';
  if (!canBe || (first && first.workload.id !== one.workload.id) || first?.id === one.id) return null;
  const name = `${one.workload.title} of ${new Date(one.startedAt).toLocaleString()}`;
  if (!first) {
    return (
      <Button size="sm" variant="secondary" aria-label={`Compare… ${name}`} onClick={() => onFirst(one.id)}>
        Compare…
      </Button>
    );
  }
  const [before, after] = first.startedAt < one.startedAt ? [first, one] : [one, first];
  const href = locationUtil.assureBaseUrl(link(`benchmarks/${after.id}`, { with: before.id }));
  return (
    <LinkButton size="sm" href={href} aria-label={`Compare with this: ${name}`}>
      Compare with this
    </LinkButton>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
  tools: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1) }),
  pills: css({ display: 'flex', gap: theme.spacing(1) }),
  push: css({ flex: 1 }),
  chosen: css({ margin: 0 }),
});
