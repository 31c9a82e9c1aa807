import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, Combobox, useStyles2 } from '@grafana/ui';
import type { AuditEntry } from '@pgvigil/exporter/contract';
import React, { useId } from 'react';
import { useActions } from '../../api/actions';
import { useCall } from '../../api/useCall';
import { Empty } from '../../components/states/Empty';
import { ErrorState } from '../../components/states/ErrorState';
import { DataTable, Pager, SearchBox } from '../../components/table';
import { useScope } from '../../lib/scope';
import { useUrlState } from '../../lib/url_state';
import { AUDIT_COLUMNS, CSV_HEADER, csvRow } from './audit_columns';
import { saveText, toCsv } from './csv';

const DEFAULTS = { search: '', action: '', login: '', page: '', job: '' };
const PAGE_SIZE = 50;

/** Who did what, and what it brought. */
export function AuditTab() {
  const styles = useStyles2(getStyles);
  const ids = useId();
  const { target } = useScope();
  const { items } = useActions(target);
  const [url, setUrl] = useUrlState(DEFAULTS);
  const { search, action, login } = url;
  const page = Number(url.page) || 1;
  const { data, error, stale, refresh } = useCall(
    'GET /api/v1/audit',
    target === undefined ? undefined : { query: { target, search, action, login, page, pageSize: PAGE_SIZE } },
  );
  const filter = (patch: Partial<typeof DEFAULTS>) => setUrl({ ...patch, page: '' }, true);
  return (
    <div className={styles.tab}>
      <div className={styles.bar}>
        <SearchBox label="Search the audit" value={search} onSearch={(text) => filter({ search: text })} />
        <span id={`${ids}-action`} className="sr-only">
          Action
        </span>
        <Combobox
          aria-labelledby={`${ids}-action`}
          width={24}
          isClearable
          placeholder="All actions"
          options={items?.map(({ id, title }) => ({ value: id, label: title })) ?? []}
          value={action || null}
          onChange={(option) => filter({ action: option?.value ?? '' })}
        />
        <span id={`${ids}-login`} className="sr-only">
          User
        </span>
        <Combobox
          aria-labelledby={`${ids}-login`}
          width={20}
          isClearable
          createCustomValue
          customValueDescription="Use this login"
          placeholder="Everybody"
          options={[...new Set(data?.items.map((entry) => entry.login))].filter(Boolean).map((value) => ({ value }))}
          value={login || null}
          onChange={(option) => filter({ login: option?.value ?? '' })}
        />
        <Button
          className={styles.last}
          variant="secondary"
          icon="download-alt"
          disabled={!data || data.items.length === 0}
          onClick={() => data && saveText('audit.csv', 'text/csv', toCsv(CSV_HEADER, data.items.map(csvRow)))}
        >
          Export these rows as CSV
        </Button>
      </div>
      {error && <ErrorState part="Audit" error={error} onRetry={refresh} />}
      {(data || !error) && (
        <DataTable<AuditEntry>
          label="Audit"
          columns={AUDIT_COLUMNS}
          rows={data?.items}
          rowKey={({ id }) => id}
          stale={stale}
          rowActions={({ jobId }) =>
            jobId !== null && (
              <Button size="sm" variant="secondary" fill="text" onClick={() => setUrl({ job: jobId })}>
                Show job
              </Button>
            )
          }
          empty={
            search || action || login ? (
              <Empty title="No row matches">Empty the search or the filters.</Empty>
            ) : (
              <Empty title="Nothing was done yet">Every action leaves a row here, also one that was refused.</Empty>
            )
          }
        />
      )}
      {data && data.total > 0 && (
        <Pager
          noun="row"
          {...{ page, pageSize: PAGE_SIZE, total: data.total }}
          onPage={(to) => setUrl({ page: String(to) })}
        />
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  tab: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
  bar: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1) }),
  last: css({ marginLeft: 'auto' }),
});
