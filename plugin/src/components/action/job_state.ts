import type { Job } from '@pgvigil/exporter/contract';
import type { IconName } from '@grafana/ui';

type Tone = 'ok' | 'warn' | 'crit' | 'plain';

/** Every state of a job: the word and the sign beside it. */
export const JOB_LOOKS: Record<Job['state'], { word: string; icon: IconName; tone: Tone }> = {
  confirmed: { word: 'waiting to start', icon: 'clock-nine', tone: 'plain' },
  running: { word: 'running', icon: 'play', tone: 'plain' },
  verifying: { word: 'verifying', icon: 'sync', tone: 'plain' },
  done: { word: 'done', icon: 'check', tone: 'ok' },
  failed: { word: 'failed', icon: 'exclamation-circle', tone: 'crit' },
  cancelled: { word: 'cancelled', icon: 'times', tone: 'warn' },
  interrupted: { word: 'interrupted', icon: 'exclamation-triangle', tone: 'warn' },
};

export const hasEnded = (job: Pick<Job, 'state'>): boolean =>
  !['confirmed', 'running', 'verifying'].includes(job.state);
