import React, { useEffect, useMemo } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { Button, useStyles2 } from '@grafana/ui';
import type { SlowQueries } from '@pgvigil/exporter/contract';
import { ErrorState, Skeleton } from '../../components/states';
import { statementColumns, statementKey } from '../../components/statements/columns';
import { useWidth } from '../../components/charts/useWidth';
import { ChosenFacets, type Facet, Facets } from '../../components/statements/Facets';
import { answer, coverage, totalsSentence } from '../../components/statements/sentences';
import { ColumnChooser, DataTable, fitting, Pager, SearchBox, type Sort, visibleColumns } from '../../components/table';
import { useLink, useScope } from '../../lib/scope';
import { useUrlState } from '../../lib/url_state';
import { NoStatements } from './NoStatements';
import { fromFirst, isFiltered, PAGE_SIZE, pageNumber, QUERIES, type QueriesState } from './state';
import { useStatements } from './useStatements';

/** Which statements cost most in this window, and which of them changed? */
export default function QueriesPage() {
  const styles = useStyles2(getStyles);
  const [state, patch] = useUrlState(QUERIES);
  const { data, error, stale, loading, refresh } = useStatements(state);
  const { database, info } = useScope();
  const link = useLink();

  const [frame, pageWidth] = useWidth();
  const [main, width] = useWidth();
  // Not measured, as before the first paint, is not narrow.
  const roomy = pageWidth === 0 || pageWidth >= ROOM_FOR_FILTERS;
  const hidden = state.filters === 'off' || (state.filters !== 'on' && !roomy);
  const columns = useMemo(() => fitting(statementColumns(data?.items ?? []), width), [data, width]);
  const sort: Sort = { by: state.sort, order: state.order === 'asc' ? 'asc' : 'desc' };
  const narrow = (changes: Partial<QueriesState>) => patch(fromFirst(changes));
  // The database is the bar's; no longer choosing it here means all of them.
  const choose = (name: string, value: string) =>
    name !== 'database'
      ? narrow({ [name]: value })
      : value
        ? locationService.partial({ database: value, databases: null, page: null })
        : narrow({ databases: 'all' });
  const chosenDatabase = state.databases === 'all' ? '' : (database ?? info?.database ?? '');
  const clear = () => narrow({ search: '', user: '', kind: '', table: '', wait: '' });

  // A page beyond the last, from an old link or a list that became shorter, is not an empty list.
  const beyond = data !== undefined && data.items.length === 0 && data.total > 0;
  useEffect(() => {
    if (beyond && !stale) {
      patch({ page: '1' }, true);
    }
  }, [beyond, stale, patch]);

  // Without any answer yet, an error stands for the list; after one it stands above the old list.
  if (error && !data) {
    return <ErrorState part="Statements" error={error} onRetry={refresh} />;
  }
  return (
    <div className={styles.page} ref={frame}>
      {error && <ErrorState part="Statements" error={error} onRetry={refresh} />}
      <p className={styles.answer} aria-live="polite">
        {data ? (state.databases === 'all' ? 'All databases. ' : '') + answer(data) : <Skeleton width="60%" />}
      </p>
      {data && coverage(data).length > 0 && <p className={styles.note}>{coverage(data).join(' ')}</p>}
      <div className={hidden ? undefined : styles.columns}>
        {hidden ? null : data ? (
          <Facets facets={facetsOf(data)} chosen={{ ...state, database: chosenDatabase }} onChoose={choose} />
        ) : (
          <FacetSkeleton />
        )}
        <div className={styles.main} ref={main}>
          <div className={styles.tools}>
            <Button
              variant="secondary"
              fill="outline"
              icon="filter"
              aria-expanded={!hidden}
              onClick={() => patch({ filters: hidden ? 'on' : 'off' }, true)}
            >
              Filters
            </Button>
            <SearchBox
              label="Search statements"
              width={40}
              value={state.search}
              onSearch={(search) => narrow({ search })}
            />
            {hidden && <ChosenFacets facets={FACETS} chosen={state} onChoose={choose} />}
            {isFiltered(state) && (
              <Button variant="secondary" fill="text" icon="times" onClick={clear}>
                Clear filters
              </Button>
            )}
            <span className={styles.push} />
            <ColumnChooser
              columns={columns}
              chosen={state.columns}
              onChoose={(chosen) => patch({ columns: chosen }, true)}
            />
          </div>
          <DataTable
            label="Statements"
            columns={visibleColumns(columns, state.columns)}
            rows={data?.items}
            rowKey={statementKey}
            rowHref={(row) => link(`queries/${row.queryId}`, { database: row.database, user: row.user })}
            sort={sort}
            onSort={({ by, order }) => narrow({ sort: by, order })}
            stale={stale && loading}
            empty={data && <NoStatements filtered={isFiltered(state)} onClear={clear} notes={data.window.notes} />}
            totals={data && totalsSentence(data)}
          />
          {data && (
            <Pager
              noun="statement"
              page={pageNumber(state.page)}
              pageSize={PAGE_SIZE}
              total={data.total}
              onPage={(page) => patch({ page: String(page) })}
            />
          )}
        </div>
      </div>
    </div>
  );
}

/** Narrower than this, in pixels, the filters would take the statements' room. */
const ROOM_FOR_FILTERS = 1200;

const FACETS = [
  { name: 'database', title: 'Database' },
  { name: 'user', title: 'User' },
  { name: 'table', title: 'Table' },
  { name: 'kind', title: 'Kind' },
  { name: 'wait', title: 'Main wait' },
] as const;

const facetsOf = ({ facets }: SlowQueries): Facet[] =>
  FACETS.map((facet) => ({ ...facet, values: facets[facet.name] }));

function FacetSkeleton() {
  return (
    <div aria-hidden="true">
      {Array.from({ length: 8 }, (_, at) => (
        <p key={at}>
          <Skeleton width={`${80 - ((at * 23) % 40)}%`} />
        </p>
      ))}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
  answer: css({ ...theme.typography.body, margin: 0 }),
  note: css({ margin: 0, color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  columns: css({
    display: 'grid',
    gridTemplateColumns: '160px minmax(0, 1fr)',
    gap: theme.spacing(2),
    marginTop: theme.spacing(1),
    [theme.breakpoints.down('md')]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  }),
  main: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1), minWidth: 0 }),
  tools: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1) }),
  push: css({ flex: 1 }),
});
