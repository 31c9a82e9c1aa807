import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, Combobox, Field, Input, RadioButtonGroup, useStyles2 } from '@grafana/ui';
import type { Benchmark, WorkloadInfo } from '@pgvigil/exporter/contract';
import React, { useState } from 'react';
import { call } from '../../api/client';
import { type Failure, toFailure } from '../../api/failure';
import { KIND_WORDS, wantedInWords } from '../../components/benchmark';
import { ErrorState } from '../../components/states';
import { format } from '../../lib/format';
import { secondsOf } from './needs';
import { formatDuration } from '../../lib/time';

type Kind = Benchmark['kind'];
const KINDS: readonly Kind[] = ['run', 'ab', 'aa'];
const EXPLAINED: Readonly<Record<Kind, string>> = {
  run: 'Measures the workload as the server is now. Two runs can be compared later, with more doubt than by turns.',
  ab: 'Measures both arms by turns, and says whether the second one is faster. What they set is taken back.',
  aa: 'Measures the same twice, by turns: how often this machine sees a change where there is none, and how small a change it can see.',
};
/** From fewer the drift could be anything. */
const COMPARISONS = 10;

export interface RunFormProps {
  target: string;
  workload: WorkloadInfo;
  onClose: () => void;
  onStarted: () => void;
}

/** Says before it starts how long it will take, and what it will be able to see. */
export function RunForm({ target, workload, onClose, onStarted }: RunFormProps) {
  const styles = useStyles2(getStyles);
  const [kind, setKind] = useState<Kind>(workload.arms === null ? 'run' : 'ab');
  const [blocks, setBlocks] = useState(workload.blocks);
  const [seconds, setSeconds] = useState(workload.seconds === null ? '' : String(workload.seconds));
  const [failed, setFailed] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const each = seconds === '' ? null : Number(seconds);
  const wrong = each !== null && !(each > 0 && each <= 86_400);
  const obstacle = workload.obstacles[kind];
  const comparisons = kind === 'aa' ? COMPARISONS : 1;
  const needed = each === null || wrong ? null : secondsOf(workload, { kind, blocks, seconds: each, comparisons });
  const smallest = workload.sizes.find((size) => size.blocks === blocks)?.smallest ?? null;
  const start = async () => {
    setBusy(true);
    try {
      await call('POST /api/v1/benchmarks/workloads/:workload/run', {
        params: { workload: workload.id },
        body: { target, kind, blocks, comparisons, ...(each !== null && { seconds: each }) },
      });
      onStarted();
    } catch (error) {
      setFailed(toFailure(error));
      setBusy(false);
    }
  };
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <p className={styles.text}>{workload.description}</p>
      <p className={styles.text}>
        {workload.load}.{' '}
        {workload.thresholds.length > 0 && `It wants: ${workload.thresholds.map(wantedInWords).join('; ')}.`}
      </p>
      <details>
        <summary>Its statements</summary>
        {workload.statements.map(({ name, share, sql }) => (
          <div key={name}>
            <span className={styles.faint}>
              {name}, {format('ratio', share)} of all
            </span>
            <pre>{sql.join(';\n')}</pre>
          </div>
        ))}
      </details>
      <Field label="What to measure" description={EXPLAINED[kind]} noMargin>
        <RadioButtonGroup<Kind>
          id="benchmark-kind"
          aria-label="What to measure"
          options={KINDS.map((value) => ({ value, label: KIND_WORDS[value] }))}
          value={kind}
          onChange={setKind}
        />
      </Field>
      {kind === 'ab' && workload.arms && (
        <dl className={styles.arms}>
          {Object.entries(workload.arms).map(([arm, sets]) => (
            <React.Fragment key={arm}>
              <dt>{arm}</dt>
              <dd>{sets.join('; ') || 'sets nothing'}</dd>
            </React.Fragment>
          ))}
        </dl>
      )}
      <Field
        label="Blocks"
        noMargin
        description={
          kind === 'run'
            ? 'Segments of load.'
            : 'Of four segments each: one arm, the other twice, the first again; or the other way round.'
        }
      >
        <Combobox
          id="benchmark-blocks"
          width={24}
          options={workload.sizes.map((size) => ({ value: size.blocks, label: String(size.blocks) }))}
          value={blocks}
          onChange={({ value }) => setBlocks(value)}
        />
      </Field>
      {workload.seconds !== null && (
        <Field label="Seconds of a segment" noMargin invalid={wrong} error="More than 0, and a day at most.">
          <Input
            id="benchmark-seconds"
            type="number"
            width={24}
            step="any"
            value={seconds}
            onChange={(event) => setSeconds(event.currentTarget.value)}
          />
        </Field>
      )}
      <p className={styles.text} role="status">
        {needed === null
          ? 'Its segments end after a number of statements: how long it takes is seen when it runs.'
          : `It will take about ${formatDuration(needed)}.`}{' '}
        {kind === 'ab' &&
          (smallest === null
            ? 'How small a change it will see is not known: “Same and same” on this server tells.'
            : `It will see a change of ${format('ratio', smallest)} or more, as the last “Same and same” here found.`)}
      </p>
      {obstacle ? (
        <Alert severity="info" title={`${KIND_WORDS[kind]}: ${obstacle.message}`}>
          {obstacle.cure}
        </Alert>
      ) : (
        <Alert severity="warning" title={`${target} is loaded as hard as the workload says, while it runs.`} />
      )}
      {failed && <ErrorState part="Not started" error={failed} />}
      <div className={styles.foot}>
        <Button variant="secondary" onClick={onClose} type="button">
          Close
        </Button>
        <Button type="submit" disabled={busy || wrong || obstacle !== null}>
          Start {workload.title} on {target}
        </Button>
      </div>
    </form>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  form: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2), marginTop: theme.spacing(2) }),
  text: css({ margin: 0 }),
  faint: css({ color: theme.colors.text.secondary }),
  arms: css({
    display: 'grid',
    gridTemplateColumns: 'auto 1fr',
    gap: theme.spacing(0.5, 2),
    margin: 0,
    '& dd': { margin: 0, overflowWrap: 'anywhere' },
  }),
  foot: css({ display: 'flex', justifyContent: 'flex-end', gap: theme.spacing(1) }),
});
