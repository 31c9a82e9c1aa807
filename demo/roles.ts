/** Logins of the demo, each with the least it needs: nothing that is shown here needs a superuser. */
import type { PostgresServer } from './servers/index.ts';

export const LOGINS = {
  /** Owns MusicDB and works in it. */
  shop: 'musicdb_shop',
  /** The exporter: looks, and keeps history. */
  exporter: 'pgvigil_exporter',
  /** The exporter's actions. */
  maintenance: 'pgvigil_maintenance',
} as const;

/** After MusicDB and pgvigil's roles are there. */
export async function createLogins(postgres: PostgresServer): Promise<void> {
  const { shop, exporter, maintenance } = LOGINS;
  await postgres.query(
    `create role ${shop} login;
     create role ${exporter} login;
     create role ${maintenance} login;
     grant pgvigil_monitor to ${exporter};
     grant pgvigil_maintain to ${maintenance};
     -- Only an owner may create an index.
     grant ${shop} to pgvigil_owners;`,
    'musicdb',
  );
  await grantRights(postgres);
}

/** What the logins may in MusicDB. */
export async function grantRights(postgres: Pick<PostgresServer, 'query'>): Promise<void> {
  const { shop, exporter } = LOGINS;
  await postgres.query(
    `-- EXPLAIN plans a statement only for a role that may run it.
     grant pg_read_all_data, pg_write_all_data to ${exporter};
     alter schema musicdb owner to ${shop};
     do $$
     declare
       relation regclass;
     begin
       for relation in
         select oid from pg_class where relnamespace = 'musicdb'::regnamespace and relkind in ('r', 'p', 'v', 'm')
       loop
         execute format('alter table %s owner to ${shop}', relation);
       end loop;
     end
     $$;
     grant create, temporary on database musicdb to ${shop};
     grant execute on all functions in schema musicdb to ${shop};`,
    'musicdb',
  );
}
