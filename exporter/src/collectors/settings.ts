import type { Collector } from '../metrics/types.ts';

/**
 * A family per boolean or numeric setting, in base units. A unit written into the value (some vendors do) beats the
 * catalogue's. A value that is no number, or in a unit we do not know, is left out; -1 is always -1. What our own
 * session has set for itself (timeouts, read only) is served as anybody else would get it.
 */
export const settings: Collector = {
  name: 'settings',
  source: 'postgres',
  scope: 'server',
  dynamic: true,
  sql: `
      with u (unit, suffix, factor, divisor) as (
           values ('us', '_seconds', 1::float8, 1000000::float8), ('ms', '_seconds', 1, 1000), ('s', '_seconds', 1, 1),
                  ('min', '_seconds', 60, 1), ('h', '_seconds', 3600, 1), ('d', '_seconds', 86400, 1),
                  ('B', '_bytes', 1, 1), ('kB', '_bytes', 1024, 1), ('1kB', '_bytes', 1024, 1), ('2kB', '_bytes', 2048, 1),
                  ('4kB', '_bytes', 4096, 1), ('8kB', '_bytes', 8192, 1), ('16kB', '_bytes', 16384, 1),
                  ('32kB', '_bytes', 32768, 1), ('64kB', '_bytes', 65536, 1), ('MB', '_bytes', 1048576, 1),
                  ('16MB', '_bytes', 16777216, 1), ('32MB', '_bytes', 33554432, 1), ('64MB', '_bytes', 67108864, 1),
                  ('GB', '_bytes', 1073741824, 1), ('TB', '_bytes', 1099511627776, 1)),
           p (name, setting, vartype, unit) as (
           select a.name,
                  case when a.name = 'transaction_read_only' and not pg_catalog.pg_is_in_recovery()
                       then (select d.reset_val from pg_catalog.pg_settings d where d.name = 'default_transaction_read_only')
                       when a.source = 'session' then a.reset_val
                       else a.setting
                  end,
                  a.vartype, a.unit
             from pg_catalog.pg_settings a
            where a.vartype in ('bool', 'integer', 'real')),
           s as (
           select p.name, p.setting, p.vartype, coalesce(p.unit, '') as unit,
                  case when p.vartype <> 'bool' and p.setting ~ '^[-+]?([0-9]+[.])?[0-9]+(e[-+][0-9]+)? ?[a-zA-Z]*$'
                       then pg_catalog.rtrim(p.setting, ' abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ')::float8
                  end as number,
                  pg_catalog.ltrim(p.setting, '-+.0123456789 ') as own_unit
             from p)
    select 'pg_settings_' || pg_catalog.translate(s.name, '.-$', '___') || coalesce(u.suffix, '') as metric,
           'gauge' as type,
           'Server parameter ' || s.name || case u.suffix when '_seconds' then ', in seconds'
                                                          when '_bytes' then ', in bytes'
                                                          else '' end || ' (pg_settings).' as help,
           case when s.vartype = 'bool' then case s.setting when 'on' then 1 else 0 end
                when s.number = -1 then -1
                else s.number * coalesce(o.factor, u.factor, 1) / coalesce(o.divisor, u.divisor, 1)
           end as value
      from s
      left join u on u.unit = s.unit
      left join u o on o.unit = s.own_unit and o.suffix = u.suffix
     where (s.unit = '' or u.unit is not null)
       and (s.vartype = 'bool' or s.number is not null)
       and (s.unit = '' or s.own_unit = '' or s.own_unit like 'e%' or o.unit is not null)`,
  labels: [],
  columns: {},
};
