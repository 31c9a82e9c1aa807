import React, { useMemo } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2, PanelProps } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { useCall } from '../../api/useCall';
import { Empty, ErrorState } from '../../components/states';
import { statementColumns, statementKey } from '../../components/statements/columns';
import { coverage, totalsSentence } from '../../components/statements/sentences';
import { DataTable, fitting, visibleColumns } from '../../components/table';
import { type Scope, ScopeContext, useLink } from '../../lib/scope';
import type { Options } from './options';
import { queryOf } from './query';

/** The statements that cost most in the dashboard's window; each is a link to its page. */
export function Panel({ options, timeRange, replaceVariables, width, height }: PanelProps<Options>) {
  const [from, to] = [timeRange.from.toISOString(), timeRange.to.toISOString()];
  const query = queryOf(options, { from, to }, replaceVariables);
  // Links carry the dashboard's window and what the panel looks at.
  const scope = useMemo<Scope>(
    () => ({ target: query.target, database: query.database, range: timeRange, info: undefined, status: undefined }),
    [query.target, query.database, timeRange],
  );
  return (
    <ScopeContext.Provider value={scope}>
      <div style={{ width, height, overflow: 'auto' }}>
        <Content query={query} columns={options.columns} limit={options.limit} width={width} />
      </div>
    </ScopeContext.Provider>
  );
}

interface ContentProps {
  query: ReturnType<typeof queryOf>;
  columns: readonly string[];
  limit: number;
  /** In pixels. */
  width: number;
}

function Content({ query, columns: chosen, limit, width }: ContentProps) {
  const styles = useStyles2(getStyles);
  const link = useLink();
  const { data, error, stale, loading, refresh } = useCall('GET /api/v1/database/slow-queries', { query });
  const columns = useMemo(
    () => visibleColumns(fitting(statementColumns(data?.items ?? []), width), chosen.join()),
    [data, width, chosen],
  );
  return (
    <>
      {error && <ErrorState part="Statements" error={error} onRetry={refresh} />}
      {data && coverage(data).length > 0 && <p className={styles.note}>{coverage(data).join(' ')}</p>}
      {(data || !error) && (
        <DataTable
          label="Statements"
          frameless
          columns={columns}
          rows={data?.items}
          rowKey={statementKey}
          rowHref={(row) => link(`queries/${row.queryId}`, { database: row.database, user: row.user })}
          stale={stale && loading}
          skeletonRows={limit}
          empty={
            <Empty title="No statements in this window">
              The first figures come with the second snapshot of the history.
            </Empty>
          }
          totals={data && totalsSentence(data)}
        />
      )}
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  note: css({
    margin: 0,
    padding: theme.spacing(1),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
});
