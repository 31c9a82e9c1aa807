/** A queries file for postgres_exporter 0.11: the families that our collectors of tables give, in two statements. */

interface Column {
  readonly name: string;
  readonly usage: 'LABEL' | 'COUNTER' | 'GAUGE';
}

const columns = (usage: Column['usage'], ...names: string[]): Column[] => names.map((name) => ({ name, usage }));

function entry(prefix: string, query: string, given: readonly Column[]): string {
  const metrics = given.map(({ name, usage }) => `    - ${name}: { usage: ${usage}, description: "${name}" }`);
  return [`${prefix}:`, `  query: ${JSON.stringify(query)}`, '  metrics:', ...metrics, ''].join('\n');
}

const LABELS = columns('LABEL', 'datname', 'schemaname', 'relname');

export const TABLE_QUERIES = [
  entry(
    'pg_stat_user_tables',
    `select current_database() as datname, schemaname, relname,
            seq_scan, seq_tup_read, idx_scan, idx_tup_fetch, n_tup_ins, n_tup_upd, n_tup_del, n_tup_hot_upd,
            n_live_tup, n_dead_tup, n_mod_since_analyze,
            last_vacuum, last_autovacuum, last_analyze, last_autoanalyze,
            vacuum_count, autovacuum_count, analyze_count, autoanalyze_count,
            pg_table_size(relid) as table_size_bytes, pg_indexes_size(relid) as index_size_bytes
       from pg_stat_user_tables`,
    [
      ...LABELS,
      ...columns('COUNTER', 'seq_scan', 'seq_tup_read', 'idx_scan', 'idx_tup_fetch'),
      ...columns('COUNTER', 'n_tup_ins', 'n_tup_upd', 'n_tup_del', 'n_tup_hot_upd'),
      ...columns('GAUGE', 'n_live_tup', 'n_dead_tup', 'n_mod_since_analyze'),
      ...columns('GAUGE', 'last_vacuum', 'last_autovacuum', 'last_analyze', 'last_autoanalyze'),
      ...columns('COUNTER', 'vacuum_count', 'autovacuum_count', 'analyze_count', 'autoanalyze_count'),
      ...columns('GAUGE', 'table_size_bytes', 'index_size_bytes'),
    ],
  ),
  entry(
    'pg_statio_user_tables',
    `select current_database() as datname, schemaname, relname,
            heap_blks_read, heap_blks_hit, idx_blks_read, idx_blks_hit,
            toast_blks_read, toast_blks_hit, tidx_blks_read, tidx_blks_hit
       from pg_statio_user_tables`,
    [
      ...LABELS,
      ...columns('COUNTER', 'heap_blks_read', 'heap_blks_hit', 'idx_blks_read', 'idx_blks_hit'),
      ...columns('COUNTER', 'toast_blks_read', 'toast_blks_hit', 'tidx_blks_read', 'tidx_blks_hit'),
    ],
  ),
].join('\n');
