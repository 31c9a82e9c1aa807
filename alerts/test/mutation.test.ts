/** A rule that is wrong must fail its tests. */
import { subjectName, subjectsOf, survivors, unchanged } from '../lib/mutation.ts';
import { provenAreas } from '../lib/proof.ts';
import { loadRules } from '../lib/rules.ts';

const rules = loadRules();

/** Mutants that no series of a real server can tell from the rule, each with the reason. */
const EXCUSED: Readonly<Record<string, string>> = {
  'PostgresRollbacksHigh/warning: threshold 0.05 moved to 0.5 (sum by (job, cluster, instance, target, datname) (rate(pg…)':
    'open: the recorded fault rolls nearly everything back; a gentler one is to be recorded',
  'PostgresRollbacksHigh/warning: threshold 1 moved to 10 (sum by (job, cluster, instance, target, datname) (rate(pg…)':
    'open: as above',
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
