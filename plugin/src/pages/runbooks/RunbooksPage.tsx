import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Badge, LoadingPlaceholder, useStyles2 } from '@grafana/ui';
import React from 'react';
import { AppLink } from '../../components/link/AppLink';
import { Empty, ErrorState } from '../../components/states';
import { SearchBox } from '../../components/table';
import { PLUGIN_BASE_URL } from '../../constants';
import { useUrlState } from '../../lib/url_state';
import { type RunbookInfo, useRunbookList } from './runbooks';
import { SEVERITY_COLORS } from './severity';

const DEFAULTS = { search: '' };

/** What each alert means, and what to do: one runbook for each, in the order of the rule files. */
export default function RunbooksPage() {
  const styles = useStyles2(getStyles);
  const [{ search }, setUrl] = useUrlState(DEFAULTS);
  const { data, error } = useRunbookList();
  if (error) return <ErrorState part="Runbooks" error={{ message: error }} />;
  if (!data) return <LoadingPlaceholder text="Loading runbooks…" />;
  const found = data.filter((info) => matches(info, search));
  return (
    <>
      <SearchBox label="Search runbooks" value={search} onSearch={(text) => setUrl({ search: text }, true)} />
      {found.length === 0 && (
        <Empty title={`No runbook has “${search}”`}>Search for an alert, or for what it is about.</Empty>
      )}
      {areasOf(found).map(([area, runbooks]) => (
        <section key={area} className={styles.area} aria-label={area}>
          <h2 className={styles.heading}>{TITLES[area] ?? area}</h2>
          <ul className={styles.list}>
            {runbooks.map(({ alert, summary, severities }) => (
              <li key={alert} className={styles.item}>
                <AppLink className={styles.link} href={`${PLUGIN_BASE_URL}/runbooks/${alert}`}>
                  {alert}
                </AppLink>
                <span>{summary}</span>
                <span className={styles.badges}>
                  {severities.map((severity) => (
                    <Badge key={severity} text={severity} color={SEVERITY_COLORS[severity] ?? 'blue'} />
                  ))}
                </span>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

const TITLES: Readonly<Record<string, string>> = {
  availability: 'Availability',
  connections: 'Connections',
  pgbouncer: 'PgBouncer',
  queries: 'Statements',
  locks: 'Locks',
  maintenance: 'Vacuum, indexes and objects',
  wal: 'WAL and checkpoints',
  replication: 'Replication',
  capacity: 'Room',
  ingestion: 'Ingestion',
  exporter: 'The exporter',
};

const matches = ({ alert, summary, area }: RunbookInfo, search: string) =>
  `${alert} ${summary} ${area}`.toLowerCase().includes(search.toLowerCase());

/** In the order of the titles; an area without one comes last. */
function areasOf(runbooks: readonly RunbookInfo[]): [string, RunbookInfo[]][] {
  const areas = new Map<string, RunbookInfo[]>(Object.keys(TITLES).map((area) => [area, []]));
  for (const info of runbooks) areas.set(info.area, [...(areas.get(info.area) ?? []), info]);
  return [...areas].filter(([, list]) => list.length > 0);
}

const getStyles = (theme: GrafanaTheme2) => ({
  area: css({ marginTop: theme.spacing(3) }),
  heading: css({ ...theme.typography.h4, marginBottom: theme.spacing(0.5) }),
  list: css({ listStyle: 'none', borderTop: `1px solid ${theme.colors.border.weak}` }),
  item: css({
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 340px) minmax(0, 1fr) auto',
    gap: theme.spacing(2),
    alignItems: 'baseline',
    padding: theme.spacing(0.75, 0),
    borderBottom: `1px solid ${theme.colors.border.weak}`,
    [theme.breakpoints.down('md')]: { gridTemplateColumns: '1fr', gap: theme.spacing(0.25) },
  }),
  link: css({ color: theme.colors.text.link, overflowWrap: 'anywhere' }),
  badges: css({ display: 'flex', gap: theme.spacing(0.5), justifyContent: 'flex-end' }),
});
