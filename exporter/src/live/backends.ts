/** What a server process is for: SQL over a row `a` of pg_stat_activity. */

/**
 * A process of the server's own, not somebody's session. Some of them have a state and a statement like one: autovacuum,
 * walsenders, appliers of subscriptions. An extension's worker that runs statements for somebody is a session.
 */
export const IS_BACKGROUND = `coalesce(
  a.backend_type <> 'client backend'
  and (a.state is null or a.backend_type in ('autovacuum worker', 'walsender')
       or a.backend_type ^@ 'logical replication' or a.backend_type ^@ 'slotsync'), false)`;

/**
 * Ids of the session actions that are for it, text[]. An autovacuum worker begins again later. A parallel worker ends with
 * its leader's statement, which is what to stop. Where the role is not there (before PostgreSQL 18) only a superuser may
 * signal autovacuum, and nobody here is one.
 */
export const SIGNALS = `
  case when ${IS_BACKGROUND}
       then case when a.backend_type = 'autovacuum worker' and pg_catalog.to_regrole('pg_signal_autovacuum_worker') is not null
                 then array['cancel'] else '{}' end
       when a.backend_type is null or a.leader_pid is not null then '{}'
       else array['cancel', 'terminate'] end`;
