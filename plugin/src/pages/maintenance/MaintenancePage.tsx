import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Tab, TabsBar, useStyles2 } from '@grafana/ui';
import React, { type ComponentType } from 'react';
import { useCall } from '../../api/useCall';
import { JobDrawer } from '../../components/action';
import { useOfDatabase, useScope } from '../../lib/scope';
import { useUrlState } from '../../lib/url_state';
import { AuditTab } from './AuditTab';
import { FindingsTab } from './FindingsTab';
import { HistoryTab } from './HistoryTab';
import { NewAction } from './NewAction';
import { RunningTab } from './RunningTab';

const TABS: ReadonlyArray<{ id: string; title: string; component: ComponentType }> = [
  { id: 'findings', title: 'Findings', component: FindingsTab },
  { id: 'running', title: 'Running', component: RunningTab },
  { id: 'jobs', title: 'Jobs', component: HistoryTab },
  { id: 'audit', title: 'Audit', component: AuditTab },
];
const DEFAULTS = { tab: 'findings', job: '' };
/** What each tab keeps in the address; another tab's search would find nothing here. */
const OF_A_TAB = { search: '', page: '', action: '', state: '', login: '' };
const ALL = { ...DEFAULTS, ...OF_A_TAB };
/** Counts beside the tabs' names. */
const COUNT_SECONDS = 5;

/** What should be run, what is running, what did it bring? */
export default function MaintenancePage() {
  const styles = useStyles2(getStyles);
  const [url, setUrl] = useUrlState(ALL);
  const counts = useCounts();
  const shown = TABS.find(({ id }) => id === url.tab) ?? TABS[0];
  const Content = shown.component;
  return (
    <div>
      <div className={styles.head}>
        <TabsBar className={styles.tabs}>
          {TABS.map(({ id, title }) => (
            <Tab
              key={id}
              label={title}
              counter={counts[id]}
              active={id === shown.id}
              onChangeTab={() => setUrl({ ...OF_A_TAB, tab: id })}
            />
          ))}
        </TabsBar>
        <NewAction />
      </div>
      <Content key={shown.id} />
      {url.job !== '' && <JobDrawer id={url.job} onClose={() => setUrl({ job: '' })} />}
    </div>
  );
}

function useCounts(): Partial<Record<string, number>> {
  const where = useOfDatabase();
  const { target, status } = useScope();
  const findings = useCall('GET /api/v1/maintenance', where && { query: { ...where, pageSize: 1 } });
  const on = target !== undefined && status?.state.state === 'on';
  const running = useCall('GET /api/v1/jobs', on ? { query: { target, active: 'true', pageSize: 1 } } : undefined, {
    everySeconds: COUNT_SECONDS,
  });
  return { findings: findings.data?.total, running: running.data?.total };
}

const getStyles = (theme: GrafanaTheme2) => ({
  head: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(2), marginBottom: theme.spacing(2) }),
  tabs: css({ flex: 1 }),
});
