import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';

export const getTableStyles = (theme: GrafanaTheme2) => ({
  frame: css({
    overflowX: 'auto',
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.primary,
  }),
  frameless: css({ overflowX: 'auto' }),
  table: css({
    width: '100%',
    borderCollapse: 'collapse',
    fontSize: theme.typography.bodySmall.fontSize,
    fontVariantNumeric: 'tabular-nums',
  }),
  head: css({
    color: theme.colors.text.secondary,
    textAlign: 'left',
    verticalAlign: 'bottom',
    whiteSpace: 'nowrap',
    fontWeight: theme.typography.fontWeightMedium,
    padding: theme.spacing(1, 0.75),
    lineHeight: 1.3,
    borderBottom: `1px solid ${theme.colors.border.medium}`,
    '&:first-child': { paddingLeft: theme.spacing(1.5) },
    '&:last-child': { paddingRight: theme.spacing(1.5) },
  }),
  number: css({ textAlign: 'right', whiteSpace: 'nowrap' }),
  unit: css({ display: 'block', fontWeight: theme.typography.fontWeightRegular }),
  sort: css({
    all: 'unset',
    cursor: 'pointer',
    display: 'inline-flex',
    alignItems: 'center',
    gap: theme.spacing(0.25),
    borderRadius: theme.shape.radius.default,
    '&:hover': { color: theme.colors.text.primary },
    '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}`, outlineOffset: 2 },
  }),
  sorted: css({ color: theme.colors.text.primary }),
  row: css({
    '&:not(:last-child) > td': { borderBottom: `1px solid ${theme.colors.border.weak}` },
  }),
  link: css({
    cursor: 'pointer',
    // Grafana's own hover is too strong a ground for coloured and secondary text.
    '&:hover, &:focus-within': { background: theme.colors.emphasize(theme.colors.background.primary, 0.03) },
  }),
  cell: css({
    padding: theme.spacing(0.5, 0.75),
    height: 32,
    verticalAlign: 'middle',
    '&:first-child': { paddingLeft: theme.spacing(1.5) },
    '&:last-child': { paddingRight: theme.spacing(1.5) },
  }),
  group: css({
    textAlign: 'left',
    background: theme.colors.background.secondary,
    fontWeight: theme.typography.fontWeightMedium,
  }),
  // Without a maximum the longest text would make the table wider than its page.
  grow: css({ width: '100%', minWidth: 320, maxWidth: 0 }),
  open: css({
    all: 'unset',
    cursor: 'pointer',
    display: 'block',
    maxWidth: '100%',
    overflow: 'hidden',
    borderRadius: theme.shape.radius.default,
    '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}`, outlineOffset: 2 },
  }),
  actions: css({ whiteSpace: 'nowrap', textAlign: 'right' }),
  stale: css({ opacity: 0.55, transition: 'opacity 200ms 150ms' }),
  totals: css({
    padding: theme.spacing(1, 1.5),
    color: theme.colors.text.secondary,
    borderTop: `1px solid ${theme.colors.border.medium}`,
  }),
});
