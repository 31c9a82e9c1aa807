import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { Sheet } from '@pgvigil/exporter/contract';
import React from 'react';
import { format } from '../../lib/format';

/** The one sentence, and what should be known beside it. */
export function VerdictBox({ sheet }: { sheet: Sheet }) {
  const styles = useStyles2(getStyles);
  const { verdict, benchmarks, drift } = sheet;
  const isWhole = benchmarks.every(({ state }) => state === 'done');
  // Of what was stopped, what its first blocks say is no answer.
  const notes = verdict === null ? [] : isWhole ? verdict.notes : [`By then: ${verdict.sentence}`];
  return (
    <section aria-label="Verdict">
      <p className={styles.sentence}>{isWhole && verdict ? verdict.sentence : outcome(sheet)}</p>
      {notes.map((note) => (
        <p key={note} className={styles.note}>
          {note}
        </p>
      ))}
      {benchmarks.length === 2 && (
        <p className={styles.note}>
          {drift === null
            ? 'How far two runs of the same lie apart on this machine was not measured (a run of “Same and same” does); a cautious guess is in the interval.'
            : `Two runs of the same lie ${format('ratio', drift)} apart on this machine, as its last “Same and same” found.`}
        </p>
      )}
    </section>
  );
}

/** Where nothing was compared. */
function outcome({ aa, sides, benchmarks: [{ state, message }] }: Sheet): string {
  if (state === 'running') return 'It is being measured.';
  if (aa) return `${aa.paired.alarms} false alarms in ${aa.paired.of} comparisons of the same with the same.`;
  if (state !== 'done') return message ? `Stopped before its end: ${message}.` : `It was ${state}.`;
  if (sides.length === 0) return 'Nothing was measured.';
  const { p50, p99, throughput } = sides[0].figures;
  const latency = (us: number | null) => (us === null ? 'not known' : format('seconds', us / 1e6));
  return `Half of the answers came within ${latency(p50)}, 99 of 100 within ${latency(p99)}${throughput === null ? '' : `; ${format('perSecond', throughput)}`}.`;
}

const getStyles = (theme: GrafanaTheme2) => ({
  sentence: css({ ...theme.typography.h3, margin: theme.spacing(0, 0, 1), overflowWrap: 'anywhere' }),
  note: css({ margin: theme.spacing(0.25, 0, 0), color: theme.colors.text.secondary, maxWidth: '90ch' }),
});
