import type { BadgeColor } from '@grafana/ui';

/** Of the rules' label `severity`: pages, ticket, seen by who looks. */
export const SEVERITY_COLORS: Readonly<Record<string, BadgeColor>> = {
  critical: 'red',
  warning: 'orange',
  info: 'blue',
};
