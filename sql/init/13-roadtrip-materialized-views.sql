-- Road trip's figures, computed beforehand. Each has a unique index on plain columns, without which a refresh locks
-- readers out. None contains now(): a view that changes by itself can't be known to be up to date, and a concurrent
-- refresh would rewrite every row of it.

create materialized view if not exists roadtrip.mv_user_story_stats as
select s.user_id,
       count(*)                                  as stories,
       count(*) filter (where s.is_favorite)     as favorites,
       count(distinct s.journey_id)              as journeys,
       count(distinct s.location_name)           as locations,
       sum(s.play_count)                         as plays,
       round(avg(s.rating), 2)                   as average_rating,
       min(s.created_at)                         as first_story_at,
       max(s.created_at)                         as last_story_at
  from roadtrip.stories s
 group by s.user_id;
comment on materialized view roadtrip.mv_user_story_stats is 'Per user with at least one story: how many, how liked, when.';
create unique index if not exists mv_user_story_stats_key on roadtrip.mv_user_story_stats (user_id);
comment on index roadtrip.mv_user_story_stats_key is 'One user''s figures; lets the view be refreshed concurrently.';

create materialized view if not exists roadtrip.mv_daily_booking_stats as
select b.service_date,
       b.booking_type,
       b.currency,
       count(*)                                                                    as bookings,
       count(*) filter (where b.booking_status in ('pending', 'confirmed'))        as active,
       count(*) filter (where b.booking_status = 'completed')                      as completed,
       count(*) filter (where b.booking_status = 'cancelled')                      as cancelled,
       count(*) filter (where b.booking_status = 'no_show')                        as no_shows,
       sum(b.guests)                                                               as guests,
       coalesce(sum(b.total_amount) filter (where b.booking_status = 'completed'), 0) as revenue
  from roadtrip.bookings b
 group by b.service_date, b.booking_type, b.currency;
comment on materialized view roadtrip.mv_daily_booking_stats is 'Per day of service, type and currency: bookings by status and revenue of the completed ones.';
create unique index if not exists mv_daily_booking_stats_key
  on roadtrip.mv_daily_booking_stats (service_date, booking_type, currency);
comment on index roadtrip.mv_daily_booking_stats_key is 'The figures of a range of days; lets the view be refreshed concurrently.';

create materialized view if not exists roadtrip.mv_popular_locations as
select l.cell_latitude,
       l.cell_longitude,
       -- The most frequent name of the cell.
       mode() within group (order by l.location_name) as location_name,
       count(*)                                       as stories,
       count(distinct l.user_id)                      as users,
       count(*) filter (where l.is_favorite)          as favorites,
       sum(l.play_count)                              as plays,
       round(avg(l.rating), 2)                        as average_rating,
       max(l.created_at)                              as last_story_at
  from (select s.*,
               round(s.latitude::numeric, 1)  as cell_latitude,
               round(s.longitude::numeric, 1) as cell_longitude
          from roadtrip.stories s) l
 group by l.cell_latitude, l.cell_longitude;
comment on materialized view roadtrip.mv_popular_locations is 'Per cell of 0.1° by 0.1°: how many stories are told there, by how many users.';
create unique index if not exists mv_popular_locations_key
  on roadtrip.mv_popular_locations (cell_latitude, cell_longitude);
comment on index roadtrip.mv_popular_locations_key is 'The cells of a box; lets the view be refreshed concurrently.';

create materialized view if not exists roadtrip.mv_venue_stats as
select v.venue_id,
       v.name,
       v.category,
       v.city,
       coalesce(j.journeys, 0)    as journeys,
       j.average_distance_km,
       coalesce(b.bookings, 0)    as bookings,
       coalesce(b.completed, 0)   as completed,
       b.cancellation_ratio,
       coalesce(b.revenue, 0)     as revenue,
       b.last_service_date
  from roadtrip.venues v
  left join (select e.venue_id,
                    count(*)                                        as journeys,
                    round(avg(e.distance_km)::numeric, 1)           as average_distance_km
               from roadtrip.event_journeys e
              group by e.venue_id) j on j.venue_id = v.venue_id
  left join (select k.venue_id,
                    count(*)                                                                         as bookings,
                    count(*) filter (where k.booking_status = 'completed')                           as completed,
                    round(avg(case when k.booking_status = 'cancelled' then 1 else 0 end), 4)        as cancellation_ratio,
                    coalesce(sum(k.total_amount) filter (where k.booking_status = 'completed'), 0)   as revenue,
                    max(k.service_date)                                                              as last_service_date
               from roadtrip.bookings k
              group by k.venue_id) b on b.venue_id = v.venue_id;
comment on materialized view roadtrip.mv_venue_stats is 'Per venue: journeys to it, bookings, how many were cancelled, revenue. NULL where nothing was booked.';
create unique index if not exists mv_venue_stats_key on roadtrip.mv_venue_stats (venue_id);
comment on index roadtrip.mv_venue_stats_key is 'One venue''s figures; lets the view be refreshed concurrently.';
