import { GRANTS } from './access.ts';
import { SESSION } from './params.ts';
import { signalSql } from './signal_sql.ts';
import type { SessionAction } from './types.ts';

export const terminate: SessionAction = {
  kind: 'session',
  id: 'terminate',
  title: 'Terminate session',
  description: 'Ends a session: its connection is closed and its transaction is lost.',
  role: 'Admin',
  lock: 'Takes no lock.',
  grants: GRANTS.signal,
  params: [SESSION],
  // Waits until the session is gone, but not for ever: a backend may be stuck in the kernel.
  sql: signalSql('pg_terminate_backend(a.pid, 2000)'),
  said: (pid) => `session ${pid} was ended`,
};
