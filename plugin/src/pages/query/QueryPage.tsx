import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Tab, TabContent, TabsBar, useStyles2 } from '@grafana/ui';
import type { QueryDetail } from '@pgvigil/exporter/contract';
import { useParams } from 'react-router-dom';
import { type CallState, useCall } from '../../api/useCall';
import { ErrorState, Skeleton } from '../../components/states';
import { useOfDatabase, useScope, useWindow } from '../../lib/scope';
import { useUrlState } from '../../lib/url_state';
import { Head } from './Head';
import { QUERY, type StatementRef, type TabId, tabOf, TABS } from './state';
import { IndexTab } from './tabs/IndexTab';
import { ObjectsTab } from './tabs/ObjectsTab';
import { PlansTab } from './tabs/PlansTab';
import { PlanTab } from './tabs/PlanTab';
import { WaitsTab } from './tabs/WaitsTab';
import { Trends } from './Trends';

/** Why does it cost that, and what would help? */
export default function QueryPage() {
  const { queryId = '' } = useParams();
  const [state, patch] = useUrlState(QUERY);
  const scope = useOfDatabase();
  const window = useWindow();
  const statement: StatementRef | undefined = scope && { queryId, ...scope, user: state.user || undefined };
  const { queryId: _, ...query } = statement ?? { queryId };
  const detail = useCall(
    'GET /api/v1/queries/:queryId',
    statement && { params: { queryId }, query: { ...query, ...window } },
  );
  return (
    <QueryView
      detail={detail}
      statement={statement}
      tab={tabOf(state.tab)}
      onTab={(tab) => patch({ tab })}
      plans={{ a: state.a, b: state.b, onChoose: (a, b) => patch({ a, b }, true) }}
    />
  );
}

interface QueryViewProps {
  detail: CallState<QueryDetail>;
  statement: StatementRef | undefined;
  tab: TabId;
  onTab: (tab: TabId) => void;
  plans: { a: string; b: string; onChoose: (a: string, b: string) => void };
}

function QueryView({ detail, statement, tab, onTab, plans }: QueryViewProps) {
  const styles = useStyles2(getStyles);
  const { range } = useScope();
  const { data, error, at, refresh } = detail;
  return (
    <div className={styles.page}>
      {error && <ErrorState part="Statement" error={error} onRetry={refresh} />}
      {data && (
        <div className={detail.stale ? styles.stale : styles.page} aria-busy={detail.stale}>
          <Head detail={data} now={at} />
          <Trends detail={data} from={range.from.valueOf()} to={range.to.valueOf()} />
        </div>
      )}
      {!data && !error && <PageSkeleton />}
      {/* The plan needs the server, not the history: it may be there when the figures are not. */}
      {statement && (data || error) && error?.code !== 'not_found' && (
        <div>
          <TabsBar>
            {TABS.map(({ id, title }) => (
              <Tab key={id} label={title} active={tab === id} onChangeTab={() => onTab(id)} />
            ))}
          </TabsBar>
          <TabContent className={styles.tab}>
            {tab === 'plan' && <PlanTab statement={statement} />}
            {tab === 'plans' && <PlansTab statement={statement} {...plans} />}
            {tab === 'waits' && <WaitsTab detail={data} />}
            {tab === 'objects' && <ObjectsTab detail={data} now={at} />}
            {tab === 'indexes' && <IndexTab statement={statement} />}
          </TabContent>
        </div>
      )}
    </div>
  );
}

/** Head, figures, charts: at their heights. */
function PageSkeleton() {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.page} aria-busy="true" aria-label="Loading the statement" role="status">
      <Skeleton width="60%" />
      <Skeleton height={184} />
      <Skeleton height={184} />
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => {
  const page = { display: 'flex', flexDirection: 'column' as const, gap: theme.spacing(1.5) };
  return {
    page: css(page),
    stale: css({ ...page, opacity: 0.55, transition: 'opacity 200ms 150ms' }),
    tab: css({ padding: theme.spacing(2, 0), background: 'none' }),
  };
};
