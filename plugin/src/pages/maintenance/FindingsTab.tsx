import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { FilterPill, Icon, useStyles2 } from '@grafana/ui';
import type { Finding } from '@pgvigil/exporter/contract';
import React from 'react';
import { useActions } from '../../api/actions';
import { useCall } from '../../api/useCall';
import { ActionButton, Rights } from '../../components/action';
import { Empty } from '../../components/states/Empty';
import { ErrorState } from '../../components/states/ErrorState';
import { DataTable, Pager, SearchBox } from '../../components/table';
import { useOfDatabase, useScope } from '../../lib/scope';
import { formatDuration } from '../../lib/time';
import { useUrlState } from '../../lib/url_state';
import { BulkBar } from './BulkBar';
import { chooseColumn, FINDING_COLUMNS, nameOf } from './finding_columns';
import { useSelection } from './useSelection';

const DEFAULTS = { search: '', action: '', page: '' };
const PAGE_SIZE = 25;
const NONE: readonly Finding[] = [];
/** A column of dashes says nothing. */
const WITHOUT_SINCE = FINDING_COLUMNS.filter(({ id }) => id !== 'since');

/** What should be run: by action, worst first, each with its button; several chosen are run from one preview. */
export function FindingsTab() {
  const styles = useStyles2(getStyles);
  const where = useOfDatabase();
  const { target } = useScope();
  const { items } = useActions(target);
  const [url, setUrl] = useUrlState(DEFAULTS);
  const page = Number(url.page) || 1;
  const { search, action } = url;
  const { data, error, stale, refresh } = useCall(
    'GET /api/v1/maintenance',
    where && { query: { ...where, search, action, page, pageSize: PAGE_SIZE } },
  );
  const rows = data?.items ?? NONE;
  const selection = useSelection(rows);
  const titleOf = (id: string) => items?.find((info) => info.id === id)?.title ?? id;
  const counts = Object.entries(data?.counts ?? {}).filter(([id, count]) => count > 0 || id === action);
  const columns = rows.some(({ since }) => since !== null) ? FINDING_COLUMNS : WITHOUT_SINCE;
  const isMixed = rows.some((finding) => finding.action !== rows[0].action);
  const filtered = search !== '' || action !== '';
  const groupHead = (id: string) => (
    <>
      {titleOf(id)} <span className={styles.count}>{data?.counts[id]}</span>
      <span className={styles.lock}>{items?.find((info) => info.id === id)?.lock}</span>
    </>
  );
  return (
    <div className={styles.tab}>
      <div className={styles.bar}>
        <SearchBox
          label="Search findings"
          value={search}
          onSearch={(text) => setUrl({ search: text, page: '' }, true)}
        />
        {counts.length > 1 || action !== '' ? (
          <div role="group" aria-label="Filter by action" className={styles.pills}>
            {counts.map(([id, count]) => (
              <FilterPill
                key={id}
                label={`${titleOf(id)} ${count}`}
                selected={id === action}
                onClick={() => setUrl({ action: id === action ? '' : id, page: '' })}
              />
            ))}
          </div>
        ) : null}
      </div>
      <Rights actions={counts.map(([id]) => id)} />
      <div className={styles.bar}>
        {target !== undefined && <BulkBar {...{ target, rows, selection }} onClose={refresh} />}
        {data && (
          <span className={styles.age}>
            looked at {data.ageSeconds < 1 ? 'now' : `${formatDuration(data.ageSeconds)} ago`}
          </span>
        )}
      </div>
      {error && <ErrorState part="Findings" error={error} onRetry={refresh} />}
      {(data || !error) && (
        <DataTable<Finding>
          label="Findings"
          columns={rows.filter(selection.offered).length > 1 ? [chooseColumn(selection, titleOf), ...columns] : columns}
          rows={data?.items}
          rowKey={({ id }) => id}
          groups={isMixed ? { of: (finding) => finding.action, head: groupHead } : undefined}
          stale={stale}
          rowActions={(finding) =>
            target !== undefined && (
              <ActionButton
                {...{ target, database: finding.database, action: finding.action, params: finding.params }}
                object={nameOf(finding)}
                quiet
                onClose={refresh}
              />
            )
          }
          empty={
            filtered ? (
              <Empty title="No finding matches">Empty the search or choose another action.</Empty>
            ) : (
              <Empty title="Nothing needs doing">
                Dead rows, old statistics, invalid and bloated indexes and stale views of this database appear here.
              </Empty>
            )
          }
        />
      )}
      {data && data.total > 0 && (
        <Pager
          noun="finding"
          {...{ page, pageSize: PAGE_SIZE, total: data.total }}
          onPage={(to) => setUrl({ page: String(to) })}
        />
      )}
      {data && data.problems.length > 0 && (
        <ul className={styles.problems} aria-label="Not looked at">
          {data.problems.map((problem) => (
            <li key={problem}>
              <Icon name="exclamation-triangle" size="sm" className={styles.warn} /> {problem}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  tab: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
  bar: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1, 2) }),
  pills: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1) }),
  problems: css({
    listStyle: 'none',
    margin: 0,
    padding: 0,
    color: theme.colors.text.secondary,
    overflowWrap: 'anywhere',
  }),
  count: css({ color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular }),
  lock: css({
    color: theme.colors.text.secondary,
    fontWeight: theme.typography.fontWeightRegular,
    marginLeft: theme.spacing(2),
  }),
  warn: css({ color: theme.colors.warning.text }),
  age: css({ marginLeft: 'auto', color: theme.colors.text.secondary }),
});
