/** As whom an action runs: with the login's own rights, or as the owner, by set role. */
import type { Facts } from './facts.ts';
import type { Grant, Precondition, Step } from './types.ts';

/** `maintain`: MAINTAIN or ownership. `own`: ownership. `create`: and CREATE on the schema. */
export type Need = 'maintain' | 'own' | 'create';

const AS_OWNER = "the table's owner granted to pgvigil_owners, and USAGE on the schema for the owner";

const MAINTAIN: readonly Grant[] = [
  { until: 17, text: AS_OWNER },
  { from: 17, text: 'MAINTAIN on the table (pgvigil_maintain has it everywhere, by pg_maintain)' },
  { from: 17, text: 'USAGE on the schema for pgvigil_maintain (pg_maintain opens no schema)' },
];

/** As data; docs/actions.md and GET /actions show it. */
export const GRANTS: Readonly<Record<Need | 'refresh' | 'signal', readonly Grant[]>> = {
  maintain: MAINTAIN,
  refresh: [
    ...MAINTAIN,
    { from: 17, text: "with CONCURRENTLY: USAGE on the schema for the view's owner, as whom it is compared" },
    { text: "with CONCURRENTLY: TEMPORARY on the database for the view's owner (PUBLIC has it)" },
  ],
  own: [{ text: AS_OWNER }],
  create: [{ text: AS_OWNER }, { text: 'CREATE on the schema for the owner' }],
  signal: [
    { text: 'pg_signal_backend (pgvigil_maintain has it); sessions of superusers are out of reach' },
    { from: 18, text: 'pg_signal_autovacuum_worker, to cancel what autovacuum does (pgvigil_maintain has it)' },
    { text: 'pg_read_all_stats, to see which session it is (pgvigil_maintain has it, by pg_monitor)' },
  ],
};

export interface Access {
  readonly steps: readonly Step[];
  readonly precondition: Precondition;
}

const TITLE = 'Grants';
const ok = (message: string): Precondition => ({ title: TITLE, state: 'ok', message, cure: '' });
const missing = (message: string, cure: string): Access => ({
  steps: [],
  precondition: { title: TITLE, state: 'missing', message, cure },
});

export function accessTo(facts: Facts, need: Need): Access {
  const { login, loginQuoted, owner, ownerQuoted, schemaQuoted, tablePrinted } = facts;
  const enough = need !== 'create' || facts.create;
  if (need === 'maintain' && facts.maintain && facts.usage) {
    return { steps: [], precondition: ok(`${login} has MAINTAIN on ${tablePrinted}`) };
  }
  if (facts.isOwner && facts.usage && enough) {
    return { steps: [], precondition: ok(`${login} has the rights of the owner of ${tablePrinted}`) };
  }
  const asOwner = facts.mayBecomeOwner && !facts.ownerIsSuperuser;
  if (asOwner && facts.ownerUsage && (need !== 'create' || facts.ownerCreate)) {
    const steps: Step[] = [{ sql: `set role ${ownerQuoted}`, waits: 'session' }];
    return { steps, precondition: ok(`${login} may become ${owner}, the owner of ${tablePrinted}`) };
  }
  if (need === 'maintain' && facts.maintain) {
    return missing(
      `${login} may maintain ${tablePrinted}, but has no USAGE on its schema`,
      `grant usage on schema ${schemaQuoted} to pgvigil_maintain;`,
    );
  }
  if (asOwner && !facts.ownerUsage) {
    return missing(
      `the owner ${owner} has no USAGE on the schema`,
      `grant usage on schema ${schemaQuoted} to ${ownerQuoted};`,
    );
  }
  if (asOwner) {
    return missing(
      `the owner ${owner} may create nothing in the schema`,
      `grant create on schema ${schemaQuoted} to ${ownerQuoted};`,
    );
  }
  if (need === 'maintain' && facts.maintain !== null) {
    return missing(
      `${login} has no MAINTAIN on ${tablePrinted}`,
      `grant pgvigil_maintain to ${loginQuoted}; grant usage on schema ${schemaQuoted} to pgvigil_maintain;`,
    );
  }
  if (facts.ownerIsSuperuser) {
    return missing(
      `${tablePrinted} belongs to the superuser ${owner}, whom ${login} must not become`,
      'Give it to a role that is no superuser (alter … owner to …), and grant that role to pgvigil_owners.',
    );
  }
  return missing(
    `only its owner may do this to ${tablePrinted}, and ${login} may not become ${owner}`,
    `grant ${ownerQuoted} to pgvigil_owners; grant pgvigil_maintain to ${loginQuoted};`,
  );
}
