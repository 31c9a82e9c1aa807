import type { Job } from '@pgvigil/exporter/contract';
import React from 'react';
import { effectLine, JobProgress, JobState } from '../../components/action';
import type { Column } from '../../components/table';
import { NotApplicable } from '../../components/value/Unknown';
import { Time } from '../../components/value/Time';

const seconds = ({ startedAt, finishedAt }: Job): number | null =>
  startedAt === null || finishedAt === null ? null : (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;

const wraps = { overflowWrap: 'anywhere' } as const;

const title: Column<Job> = { id: 'title', title: 'Job', cell: (job) => <span style={wraps}>{job.title}</span> };
const database: Column<Job> = { id: 'database', title: 'Database', cell: (job) => job.database };
const by: Column<Job> = { id: 'by', title: 'Asked for by', cell: (job) => job.requestedBy || 'anonymous' };
const state: Column<Job> = { id: 'state', title: 'State', cell: (job) => <JobState state={job.state} /> };
const started: Column<Job> = {
  id: 'started',
  title: 'Started',
  align: 'right',
  cell: ({ startedAt }) => (startedAt === null ? <NotApplicable /> : <Time iso={startedAt} />),
};

export const RUNNING_COLUMNS: ReadonlyArray<Column<Job>> = [
  title,
  database,
  state,
  { id: 'progress', title: 'Progress', width: '36%', cell: (job) => <JobProgress job={job} compact /> },
  started,
  by,
];

export const HISTORY_COLUMNS: ReadonlyArray<Column<Job>> = [
  title,
  database,
  state,
  {
    id: 'effect',
    title: 'Effect, before → after',
    cell: (job) => <span style={wraps}>{effectLine(job.effect) || job.message || <NotApplicable />}</span>,
  },
  { id: 'seconds', title: 'Took', quantity: 'seconds', value: seconds },
  started,
  by,
];
