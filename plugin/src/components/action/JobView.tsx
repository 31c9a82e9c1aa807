import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import type { Job } from '@pgvigil/exporter/contract';
import React from 'react';
import { useLink } from '../../lib/scope';
import { formatAbsolute, formatDuration } from '../../lib/time';
import { AppLink } from '../link/AppLink';
import { Checks } from './Checks';
import { hasEnded } from './job_state';
import { JobProgress } from './JobProgress';
import { JobState } from './JobState';
import { Measures } from './Measures';
import { Section } from './Section';
import { Statements } from './Statements';

/** A job at whatever point of its life: progress, or what it brought and what is left to do. */
export function JobView({ job }: { job: Job }) {
  const styles = useStyles2(getStyles);
  const link = useLink();
  const ended = hasEnded(job);
  const seconds =
    job.startedAt && job.finishedAt ? (Date.parse(job.finishedAt) - Date.parse(job.startedAt)) / 1000 : null;
  return (
    <>
      <p className={styles.head} role="status">
        <JobState state={job.state} />
        {seconds !== null && <span> after {formatDuration(seconds)}</span>}
        {job.cancelRequested && !ended && <span> · asked to stop</span>}
      </p>
      {!ended && <JobProgress job={job} />}
      {job.message !== '' && <p className={styles.message}>{job.message}</p>}
      {ended && job.hint !== '' && job.verified.every(({ cure }) => cure !== job.hint) && (
        <p className={styles.message}>
          <Icon name="info-circle" /> {job.hint}
        </p>
      )}
      {ended && job.effect.length > 0 && (
        <Section title="Effect">
          <Measures measures={job.effect} />
        </Section>
      )}
      {job.effectDueAt !== null && (
        <p className={styles.secondary}>
          Its effect on statements is measured until {dateTimeFormat(job.effectDueAt, { format: 'HH:mm' })}.
        </p>
      )}
      {job.verified.length > 0 && (
        <Section title="Verified">
          <Checks checks={job.verified} />
        </Section>
      )}
      <Statements title={ended ? 'Ran' : 'Runs'} statements={job.statements} />
      <p className={styles.secondary}>
        Asked for by {job.requestedBy || 'anonymous'} ({job.requestedRole}) on {formatAbsolute(job.createdAt)}.{' '}
        <AppLink className={styles.link} href={link('maintenance', { tab: 'audit', search: job.title })}>
          Its row in the audit
        </AppLink>
      </p>
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  head: css({ margin: theme.spacing(0, 0, 1), fontWeight: theme.typography.fontWeightMedium }),
  message: css({ margin: theme.spacing(1, 0), overflowWrap: 'anywhere' }),
  secondary: css({ color: theme.colors.text.secondary, margin: theme.spacing(1, 0) }),
  link: css({ color: theme.colors.text.link, textDecoration: 'underline' }),
});
