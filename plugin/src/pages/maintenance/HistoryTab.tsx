import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { FilterPill, useStyles2 } from '@grafana/ui';
import type { Job } from '@pgvigil/exporter/contract';
import React from 'react';
import { useCall } from '../../api/useCall';
import { Empty } from '../../components/states/Empty';
import { ErrorState } from '../../components/states/ErrorState';
import { DataTable, Pager } from '../../components/table';
import { useScope } from '../../lib/scope';
import { useUrlState } from '../../lib/url_state';
import { HISTORY_COLUMNS } from './job_columns';

const DEFAULTS = { state: '', page: '', job: '' };
const STATES: ReadonlyArray<Job['state']> = ['done', 'failed', 'cancelled', 'interrupted'];
const PAGE_SIZE = 25;

/** Jobs, newest first, with what each brought. */
export function HistoryTab() {
  const styles = useStyles2(getStyles);
  const { target } = useScope();
  const [url, setUrl] = useUrlState(DEFAULTS);
  const page = Number(url.page) || 1;
  const state = STATES.find((name) => name === url.state);
  const { data, error, stale, refresh } = useCall(
    'GET /api/v1/jobs',
    target === undefined ? undefined : { query: { target, state, page, pageSize: PAGE_SIZE } },
  );
  return (
    <div className={styles.tab}>
      <div role="group" aria-label="Filter by state" className={styles.pills}>
        {STATES.map((name) => (
          <FilterPill
            key={name}
            label={name}
            selected={name === state}
            onClick={() => setUrl({ state: name === state ? '' : name, page: '' })}
          />
        ))}
      </div>
      {error && <ErrorState part="Jobs" error={error} onRetry={refresh} />}
      {(data || !error) && (
        <DataTable<Job>
          label="Jobs"
          columns={HISTORY_COLUMNS}
          rows={data?.items}
          rowKey={({ id }) => id}
          stale={stale}
          onOpen={({ id }) => setUrl({ job: id })}
          empty={
            <Empty title={state ? `No job is ${state}` : 'No job yet'}>
              Every action that was confirmed is kept here, with its figures before and after.
            </Empty>
          }
        />
      )}
      {data && data.total > 0 && (
        <Pager
          noun="job"
          {...{ page, pageSize: PAGE_SIZE, total: data.total }}
          onPage={(to) => setUrl({ page: String(to) })}
        />
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  tab: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
  pills: css({ display: 'flex', gap: theme.spacing(1) }),
});
