/**
 * What the API takes and gives, as schemas; types follow from them. The plugin imports the types only.
 * Times are ISO 8601 in UTC, durations seconds, sizes bytes, ratios 0…1; null is "could not be known" or "does not apply".
 */
export * from './actions.ts';
export * from './activity.ts';
export * from './benchmarks.ts';
export * from './common.ts';
export * from './endpoints.ts';
export * from './maintenance.ts';
export * from './plans.ts';
export * from './queries.ts';
export * from './status.ts';
