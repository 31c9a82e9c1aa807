-- Road trip's indexes beside the keys. Each says which query it serves; a foreign key's index serves the check too,
-- which otherwise reads the whole table whenever a row it points to is deleted.
-- On a partitioned table CREATE INDEX builds one per partition and locks out writers meanwhile: load first, or build
-- concurrently on each partition and attach.

-- Spatial: a bounding box. B-trees on both coordinates find the strip of latitudes and filter the longitudes inside the
-- index, before a row of the table is read.
create index if not exists idx_stories_location_spatial on roadtrip.stories (latitude, longitude);
comment on index roadtrip.idx_stories_location_spatial is 'Stories in a box: latitude between … and longitude between ….';
create index if not exists idx_event_journeys_venue_spatial on roadtrip.event_journeys (venue_lat, venue_lon);
comment on index roadtrip.idx_event_journeys_venue_spatial is 'Journeys to a box: venue_lat between … and venue_lon between ….';
create index if not exists idx_venues_location_spatial on roadtrip.venues (latitude, longitude);
comment on index roadtrip.idx_venues_location_spatial is 'Venues in a box: latitude between … and longitude between ….';

-- Partial: the few rows that are asked for all the time.
create index if not exists idx_stories_favorites_partial on roadtrip.stories (user_id, created_at desc)
  where is_favorite = true;
comment on index roadtrip.idx_stories_favorites_partial is 'A user''s favourites, newest first: user_id = … and is_favorite.';
create index if not exists idx_bookings_active_partial on roadtrip.bookings (user_id, service_date)
  where booking_status in ('pending', 'confirmed');
comment on index roadtrip.idx_bookings_active_partial is 'A user''s bookings to come: user_id = … and booking_status in (pending, confirmed).';

-- GIN: what is inside a JSON value or a text.
create index if not exists idx_stories_interests_gin on roadtrip.stories using gin (interests);
comment on index roadtrip.idx_stories_interests_gin is 'Stories about all of several interests: interests @> […].';
create index if not exists idx_stories_metadata_gin on roadtrip.stories using gin (story_metadata);
comment on index roadtrip.idx_stories_metadata_gin is 'Stories by voice, weather, mood, series …: story_metadata @> {…}.';
create index if not exists idx_stories_content_fts on roadtrip.stories using gin (to_tsvector('english', content));
comment on index roadtrip.idx_stories_content_fts is 'Full text: to_tsvector(''english'', content) @@ to_tsquery(…).';

-- Composite: equality first, then the order that is wanted. Those that begin with a foreign key serve it too.
create index if not exists idx_stories_user_created on roadtrip.stories (user_id, created_at desc);
comment on index roadtrip.idx_stories_user_created is 'A user''s stories, newest first; foreign key to users.';
create index if not exists idx_stories_journey on roadtrip.stories (journey_id, journey_date);
comment on index roadtrip.idx_stories_journey is 'Stories of several journeys in one go (eager loading); foreign key to event_journeys.';
create index if not exists idx_event_journeys_user_date on roadtrip.event_journeys (user_id, event_date desc);
comment on index roadtrip.idx_event_journeys_user_date is 'A user''s journeys, latest first; foreign key to users.';
create index if not exists idx_event_journeys_venue_date on roadtrip.event_journeys (venue_id, event_date);
comment on index roadtrip.idx_event_journeys_venue_date is 'Journeys to a venue from a day on; foreign key to venues.';
create index if not exists idx_bookings_user_date on roadtrip.bookings (user_id, service_date desc);
comment on index roadtrip.idx_bookings_user_date is 'A user''s bookings of every status, latest first; foreign key to users.';
create index if not exists idx_bookings_venue_date on roadtrip.bookings (venue_id, service_date);
comment on index roadtrip.idx_bookings_venue_date is 'A venue''s bookings between two days; foreign key to venues.';
create index if not exists idx_bookings_journey on roadtrip.bookings (journey_id, journey_date);
comment on index roadtrip.idx_bookings_journey is 'Bookings of several journeys in one go (eager loading); foreign key to event_journeys.';
create index if not exists idx_bookings_status_date on roadtrip.bookings (booking_status, service_date);
comment on index roadtrip.idx_bookings_status_date is 'Bookings of one status from a day on: booking_status = … and service_date >= ….';
