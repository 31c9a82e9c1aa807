-- The months that the sample data covers, July 2024 to June 2026, and the policies for all that come later.
-- What the generator writes beyond those months lands in the default partitions, on purpose:
-- pgvigil.create_partitions_ahead() finds it there.

insert into pgvigil.partition_policy (parent, step)
values ('roadtrip.event_journeys', 'month'), ('roadtrip.stories', 'month'), ('roadtrip.bookings', 'month')
on conflict do nothing;

do $$
declare
  parent regclass;
  month  date;
begin
  -- A bound of a timestamptz column is an instant: otherwise it would be midnight of whoever runs the file.
  perform pg_catalog.set_config('timezone', 'UTC', true);
  foreach parent in array array['roadtrip.event_journeys', 'roadtrip.stories', 'roadtrip.bookings']::regclass[] loop
    -- Only the first time: months that were detached since are not to come back.
    continue when (select count(*) from pg_catalog.pg_inherits where inhparent = parent) > 1;
    for month in select generate_series(timestamp '2024-07-01', '2026-06-01', '1 month') loop
      execute format('create table roadtrip.%I partition of %s for values from (%L) to (%L)',
                     (select relname from pg_catalog.pg_class where oid = parent) || to_char(month, '"_p"YYYY_MM'),
                     parent, month, (month + interval '1 month')::date);
    end loop;
  end loop;
end
$$;
