import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { Sheet } from '@pgvigil/exporter/contract';
import React from 'react';
import { useParams } from 'react-router-dom';
import { useCall } from '../../api/useCall';
import { BenchmarkProgress, Counted, KIND_WORDS, SheetView } from '../../components/benchmark';
import { JobState } from '../../components/action';
import { ErrorState, Skeleton } from '../../components/states';
import { Time } from '../../components/value/Time';
import { useUrlState } from '../../lib/url_state';
import { Circumstances } from './Circumstances';
import { Deeds } from './Deeds';
import { History } from './History';
import { Refused } from './Refused';
import { Tested } from './Tested';

const DEFAULTS = { with: '', tested: '' };
const WHILE_RUNNING_SECONDS = 2;

/** One benchmark, or two runs beside each other (`with`: the earlier one). */
export default function BenchmarkPage() {
  const styles = useStyles2(getStyles);
  const { id = '' } = useParams();
  const [url, setUrl] = useUrlState(DEFAULTS);
  const alone = useCall('GET /api/v1/benchmarks/:id', url.with === '' ? { params: { id } } : undefined, {
    everySeconds: (sheet) => (sheet?.benchmarks[0].state === 'running' ? WHILE_RUNNING_SECONDS : undefined),
  });
  const beside = useCall(
    'GET /api/v1/benchmarks/compare',
    url.with === '' ? undefined : { query: { first: url.with, second: id, tested: url.tested } },
  );
  const { data, error, refresh } = url.with === '' ? alone : beside;
  const refused = url.with !== '' && error?.code === 'bad_request';
  return (
    <div className={styles.page}>
      {error && refused && <Refused error={error} />}
      {error && !refused && (
        <ErrorState part={url.with === '' ? 'Benchmark' : 'Comparison'} error={error} onRetry={refresh} />
      )}
      {(refused || url.tested !== '') && <Tested value={url.tested} onChange={(tested) => setUrl({ tested })} />}
      {!data && !error && <Skeleton height={160} />}
      {data && !error && <Content sheet={data} tested={url.tested} onChanged={refresh} />}
    </div>
  );
}

function Content({ sheet, tested, onChanged }: { sheet: Sheet; tested: string; onChanged: () => void }) {
  const styles = useStyles2(getStyles);
  const last = sheet.benchmarks[sheet.benchmarks.length - 1];
  return (
    <>
      <div className={styles.head}>
        <div>
          <h2 className={styles.title}>{last.workload.title}</h2>
          {sheet.benchmarks.map(({ id, kind, state, startedAt, requestedBy, target, star }) => (
            <div key={id} className={styles.line}>
              <JobState state={state} /> <code>{id.slice(0, 8)}</code> {KIND_WORDS[kind]} on {target},{' '}
              <Time iso={startedAt} />, asked for by {requestedBy || 'anonymous'}
              {star && ', the baseline'}
            </div>
          ))}
        </div>
        <Deeds sheet={sheet} tested={tested} onChanged={onChanged} />
      </div>
      {last.state === 'running' && <BenchmarkProgress benchmark={last} />}
      <SheetView sheet={sheet} />
      <Counted sheet={sheet} />
      <History sheet={sheet} />
      <Circumstances sheet={sheet} />
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(3) }),
  head: css({ display: 'flex', flexWrap: 'wrap', justifyContent: 'space-between', gap: theme.spacing(2) }),
  title: css({ ...theme.typography.h4, margin: 0 }),
  line: css({ color: theme.colors.text.secondary }),
});
