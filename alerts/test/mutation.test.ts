/** A rule that is wrong must fail its tests. */
import { subjectName, subjectsOf, survivors, unchanged } from '../lib/mutation.ts';
import { provenAreas } from '../lib/proof.ts';
import { loadRules } from '../lib/rules.ts';

const rules = loadRules();

/** Mutants that no series of a real server can tell from the rule, each with the reason. */
const EXCUSED: Readonly<Record<string, string>> = {
  'PgvigilTargetMissing/warning: on (job, cluster, instance) dropped from unless':
    'up has these labels only where nobody adds any',
  'PgvigilApiSlow/warning: threshold 0.1 moved to 1 (sum by (job, cluster, instance) (rate(pgvigil_api_request…)':
    'open: the recorded server hangs, and answers take seconds; a slower API is to be recorded',
  'PgvigilActionFailed/warning: > turned into < (increase(pgvigil_jobs_total{outcome=~"failed|interrupted"…)':
    'open: within half an hour of the first failure it fires by its other half',
  'PgvigilActionFailed/warning: > turned into >= (( pgvigil_jobs_total{outcome=~"failed|interrupted"} unles…)':
    'an outcome that is there has been counted once at least',
  'PostgresDiskFullSoon/warning: < turned into <= (predict_linear(node_filesystem_avail_bytes{mountpoint=~".…)':
    'a disk that is predicted to have exactly nothing left',
  'PostgresDiskFullSoon/warning: on (job, cluster, instance, device, fstype, mountpoint) dropped from and':
    'of one exporter: both sides have its labels and no others, unless somebody adds some',
  'PostgresDiskFullSoon/warning: on (job, cluster, instance, device, fstype, mountpoint) dropped from /': 'as above',
  'PostgresDiskFullSoon/critical: < turned into <= (predict_linear(node_filesystem_avail_bytes{mountpoint=~".…)':
    'a disk that is predicted to have exactly nothing left',
  'PostgresDiskFullSoon/critical: on (job, cluster, instance, device, fstype, mountpoint) dropped from and':
    'of one exporter: both sides have its labels and no others, unless somebody adds some',
  'PostgresDiskFullSoon/critical: on (job, cluster, instance, device, fstype, mountpoint) dropped from /': 'as above',
  'PostgresDatabaseGrowthHigh/warning: threshold 0.2 moved to 2 (86400 * deriv(pg_database_size_bytes[6h]) / on (job, clus…)':
    'open: the recorded database grows far faster; a gentler one is to be recorded',
  'PostgresDatabaseGrowthHigh/warning: threshold 10737418240 moved to 107374182400 (86400 * deriv(pg_database_size_bytes[6h]))':
    'open: as above',
  'PostgresStatementRegressed/warning: threshold 100 moved to 1000 (increase(pg_stat_statements_calls_total[1d] offset 1h))':
    'open: the recorded statement was called many thousand times before',
  'PostgresReplicationSlotRetainsWal/warning: on (job, cluster, instance, target, slot_name) dropped from unless':
    'a lost slot that is 10 GiB behind is not recorded; PostgresReplicationSlotInactive has the same guard, and a test of it',
  'pool:pgbouncer_pool_size:max: > turned into >= (pgbouncer_users_pool_size)':
    'a pool of size 0 never has a server at work, and 0 / 0 is above nothing',
  'pool:pgbouncer_pool_size:max: > turned into >= (pgbouncer_databases_pool_size)':
    'a pool of size 0 never has a server at work, and 0 / 0 is above nothing',
};

test.each(provenAreas())(
  'no mutant of %s goes unnoticed',
  async (area) => {
    const subjects = subjectsOf(rules, area);
    const rightOnes = unchanged(rules, area);
    expect((await survivors(rightOnes, rules)).map(subjectName)).toEqual(rightOnes.map(subjectName));
    const alive = (await survivors(subjects, rules)).map(subjectName);
    expect(alive.filter((name) => !(name in EXCUSED))).toEqual([]);
  },
  300_000,
);
