import type { Collector } from '../metrics/types.ts';

/**
 * A family per boolean or numeric setting, in base units. A unit written into the value (some vendors do) beats the
 * catalogue's. A value that is no number, or in a unit we do not know, is left out; -1 is always -1.
 */
export const settings: Collector = {
  name: 'settings',
  source: 'postgres',
  scope: 'server',
  dynamic: true,
  sql: `
    select distinct on (metric)
           'pg_settings_' || pg_catalog.regexp_replace(s.name, '[^a-zA-Z0-9_]', '_', 'g') || s.suffix as metric,
           'gauge' as type,
           'Server parameter ' || s.name || case s.suffix when '_seconds' then ', in seconds'
                                                          when '_bytes' then ', in bytes'
                                                          else '' end || ' (pg_settings).' as help,
           case when s.vartype = 'bool' then (s.setting = 'on')::int::float8
                when s.number = -1 then -1
                when s.inline_unit <> '' then s.number * i.factor / i.divisor
                when s.unit <> '' then s.number * coalesce(nullif(s.unit_count, '')::float8, 1) * u.factor / u.divisor
                else s.number
           end as value
      from (select p.name, p.setting, p.vartype, p.unit,
                   (pg_catalog.regexp_match(p.setting, '^([-+]?[0-9.]+([eE][-+]?[0-9]+)?) *[a-zA-Z]*$'))[1]::float8 as number,
                   pg_catalog.substring(p.setting, '[0-9.] *([a-zA-Z]+)$') as inline_unit,
                   pg_catalog.substring(p.unit, '^[0-9]+') as unit_count,
                   pg_catalog.substring(p.unit, '[a-zA-Z]+$') as unit_name,
                   case when p.vartype = 'bool' or p.unit is null then ''
                        when p.unit ~ '^[0-9]*(us|ms|s|min|h|d)$' then '_seconds'
                        when p.unit ~ '^[0-9]*(B|kB|MB|GB|TB)$' then '_bytes'
                   end as suffix
              from pg_catalog.pg_settings p
             where p.vartype in ('bool', 'integer', 'real')) s
      left join (values ('us', 1::float8, 1000000::float8), ('ms', 1, 1000), ('s', 1, 1), ('min', 60, 1), ('h', 3600, 1),
                        ('d', 86400, 1), ('B', 1, 1), ('kB', 1024, 1), ('MB', 1048576, 1), ('GB', 1073741824, 1),
                        ('TB', 1099511627776, 1)) u (name, factor, divisor) on u.name = s.unit_name
      left join (values ('us', 1::float8, 1000000::float8), ('ms', 1, 1000), ('s', 1, 1), ('min', 60, 1), ('h', 3600, 1),
                        ('d', 86400, 1), ('B', 1, 1), ('kB', 1024, 1), ('MB', 1048576, 1), ('GB', 1073741824, 1),
                        ('TB', 1099511627776, 1)) i (name, factor, divisor) on i.name = s.inline_unit
     where s.suffix is not null
       and (s.vartype = 'bool' or s.number is not null)
     order by metric`,
  labels: [],
  columns: {},
};
