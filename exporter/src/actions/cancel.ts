import { GRANTS } from './access.ts';
import { SESSION } from './params.ts';
import { signalSql } from './signal_sql.ts';
import type { SessionAction } from './types.ts';

export const cancel: SessionAction = {
  kind: 'session',
  id: 'cancel',
  title: 'Cancel query',
  description: 'Stops the statement that a session runs. The session stays; a transaction that it has open fails.',
  role: 'Editor',
  lock: 'Takes no lock.',
  grants: GRANTS.signal,
  params: [SESSION],
  sql: signalSql('pg_cancel_backend(a.pid)'),
  said: (pid) => `the query of session ${pid} was asked to stop`,
};
