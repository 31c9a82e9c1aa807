import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, useStyles2 } from '@grafana/ui';
import React, { useState } from 'react';
import { ErrorState } from '../../components/states/ErrorState';
import { Skeleton } from '../../components/states/Skeleton';
import { useScope } from '../../lib/scope';
import { useUrlState } from '../../lib/url_state';
import { BlockingTree } from './BlockingTree';
import { PastSessions } from './PastSessions';
import { SessionActions, SessionRights } from './SessionActions';
import { SessionDrawer } from './SessionDrawer';
import { Sessions } from './Sessions';
import { answerOf, countsOf } from './summary';
import { Toolbar } from './Toolbar';
import { useSnapshot } from './useSnapshot';
import { WaitHistory } from './WaitHistory';
import { Waits } from './Waits';

const DEFAULTS = { search: '', idle: '', paused: '', session: '' };

/** Who is doing what, who blocks whom? */
export default function ActivityPage() {
  const styles = useStyles2(getStyles);
  const [url, setUrl] = useUrlState(DEFAULTS);
  const { data, error, stale, lost, refresh, freeze } = useSnapshot(url.paused);
  const { target } = useScope();
  const open = data?.sessions.find(({ pid }) => String(pid) === url.session);
  const [acted, setActed] = useState(0);
  return (
    <SessionActions onActed={() => setActed(acted + 1)} refresh={refresh}>
      <div className={styles.page}>
        <Toolbar
          search={url.search}
          hideIdle={url.idle === 'hide'}
          at={lost ? url.paused : data?.at}
          paused={url.paused}
          onSearch={(search) => setUrl({ search }, true)}
          onHideIdle={(hide) => setUrl({ idle: hide ? 'hide' : '' }, true)}
          onPause={() => setUrl({ paused: freeze() })}
          onResume={() => setUrl({ paused: '' })}
        />
        {error && <ErrorState part="Sessions" error={error} onRetry={refresh} />}
        {data && data.problem !== '' && <Alert severity="warning" title={data.problem} />}
        {data ? (
          <div className={stale ? styles.stale : undefined} aria-busy={stale}>
            <p className={styles.answer}>
              <strong>{answerOf(data)}</strong> <span className={styles.counts}>{countsOf(data)}</span>
            </p>
            <SessionRights />
            <BlockingTree activity={data} onOpen={(pid) => setUrl({ session: String(pid) })} />
            <div className={styles.waits}>
              <WaitHistory live={url.paused === ''} />
              <Waits waits={data.waits} />
            </div>
            <Sessions
              sessions={data.sessions}
              search={url.search}
              hideIdle={url.idle === 'hide'}
              onOpen={(pid) => setUrl({ session: String(pid) })}
            />
          </div>
        ) : lost ? (
          <>
            <PastSessions at={url.paused} search={url.search} />
            <WaitHistory live={false} />
          </>
        ) : error ? (
          <WaitHistory live />
        ) : (
          <Loading />
        )}
      </div>
      {url.session !== '' && data && target !== undefined && (
        <SessionDrawer pid={url.session} session={open} onClose={() => setUrl({ session: '' })} />
      )}
    </SessionActions>
  );
}

function Loading() {
  return (
    <div aria-busy="true">
      {[24, 160, 320].map((height) => (
        <p key={height}>
          <Skeleton height={height} />
        </p>
      ))}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
  stale: css({ opacity: 0.6 }),
  waits: css({
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 3fr) minmax(0, 2fr)',
    gap: theme.spacing(3),
    marginBottom: theme.spacing(2),
    '& > :only-child': { gridColumn: '1 / -1' },
    [theme.breakpoints.down('lg')]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  }),
  answer: css({ margin: theme.spacing(0, 0, 1), fontSize: theme.typography.h5.fontSize }),
  counts: css({
    color: theme.colors.text.secondary,
    fontSize: theme.typography.body.fontSize,
    marginLeft: theme.spacing(1),
  }),
});
