import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import type { Job } from '@pgvigil/exporter/contract';
import React from 'react';
import { formatDuration } from '../../lib/time';
import { ProgressBar } from './ProgressBar';

/** "scanning heap · 42 % · about 3 min left", and who it waits for. `compact` for a row of a table. */
export function JobProgress({ job, compact = false }: { job: Job; compact?: boolean }) {
  const styles = useStyles2(getStyles);
  const progress = job.progress;
  if (!progress) {
    return <ProgressBar ratio={null} label={`${job.title}: not begun`} />;
  }
  const parts = [
    progress.phase,
    job.statements.length > 1 ? `statement ${progress.statement + 1} of ${job.statements.length}` : '',
    progress.ratio === null ? '' : `${Math.floor(progress.ratio * 100)} %`,
    progress.etaSeconds === null ? '' : `about ${formatDuration(Math.max(1, progress.etaSeconds))} left`,
  ];
  return (
    <div className={compact ? undefined : styles.block}>
      <ProgressBar ratio={progress.ratio} label={job.title} />
      <div className={styles.words}>{parts.filter(Boolean).join(' · ')}</div>
      <div aria-live="polite">
        {progress.blockedBy.map((sentence) => (
          <div key={sentence} className={styles.blocked}>
            <Icon name="exclamation-triangle" className={styles.warn} size="sm" /> waits for {sentence}
          </div>
        ))}
      </div>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  block: css({ margin: theme.spacing(0, 0, 1.5) }),
  words: css({ marginTop: theme.spacing(0.5), fontVariantNumeric: 'tabular-nums' }),
  blocked: css({ marginTop: theme.spacing(0.5), overflowWrap: 'anywhere' }),
  warn: css({ color: theme.colors.warning.text }),
});
