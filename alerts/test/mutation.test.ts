/** A rule that is wrong must fail its tests. */
import { subjectName, subjectsOf, survivors, unchanged } from '../lib/mutation.ts';
import { provenAreas } from '../lib/proof.ts';
import { loadRules } from '../lib/rules.ts';

const rules = loadRules();

/** Mutants that no series of a real server can tell from the rule, each with the reason. */
const EXCUSED: Readonly<Record<string, string>> = {
  'PgvigilTargetMissing/warning: on (job, cluster, instance) dropped from unless':
    'up has these labels only where nobody adds any',
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
