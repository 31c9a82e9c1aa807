import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';

const STEP = 20;

export const getPlanStyles = (theme: GrafanaTheme2) => ({
  frame: css({
    overflowX: 'auto',
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.primary,
  }),
  table: css({
    width: '100%',
    borderCollapse: 'collapse',
    fontSize: theme.typography.bodySmall.fontSize,
    fontVariantNumeric: 'tabular-nums',
  }),
  head: css({
    color: theme.colors.text.secondary,
    fontWeight: theme.typography.fontWeightMedium,
    padding: theme.spacing(1),
    whiteSpace: 'nowrap',
    borderBottom: `1px solid ${theme.colors.border.medium}`,
  }),
  number: css({ textAlign: 'right', whiteSpace: 'nowrap' }),
  row: css({
    height: 1,
    '&:not(:last-child) > *': { borderBottom: `1px solid ${theme.colors.border.weak}` },
  }),
  idle: css({ color: theme.colors.text.secondary }),
  cell: css({ padding: theme.spacing(0.75, 1), verticalAlign: 'top' }),
  node: css({
    width: '60%',
    height: 'inherit',
    padding: theme.spacing(0, 1),
    fontWeight: theme.typography.fontWeightRegular,
    textAlign: 'left',
  }),
  branch: css({ display: 'flex', height: '100%' }),
  line: css({ position: 'relative', flex: 'none', width: STEP }),
  /** More siblings follow: the line goes on past this row. */
  through: css({
    '&::before': {
      content: '""',
      position: 'absolute',
      left: STEP / 2 - 4,
      top: 0,
      bottom: 0,
      borderLeft: `1px solid ${theme.colors.border.strong}`,
    },
  }),
  elbow: css({
    '&::after': {
      content: '""',
      position: 'absolute',
      left: STEP / 2 - 4,
      top: 0,
      height: 16,
      width: STEP / 2,
      borderLeft: `1px solid ${theme.colors.border.strong}`,
      borderBottom: `1px solid ${theme.colors.border.strong}`,
    },
  }),
  what: css({ padding: theme.spacing(0.75, 0), minWidth: 0 }),
  object: css({ fontFamily: theme.typography.fontFamilyMonospace, overflowWrap: 'anywhere' }),
  mark: css({
    marginLeft: theme.spacing(1),
    padding: theme.spacing(0, 0.75),
    border: `1px solid ${theme.colors.border.strong}`,
    borderRadius: theme.shape.radius.default,
    color: theme.colors.text.secondary,
    whiteSpace: 'nowrap',
  }),
  condition: css({
    display: 'block',
    color: theme.colors.text.secondary,
    overflowWrap: 'anywhere',
    '& code': { padding: 0, border: 0, background: 'none', color: 'inherit', fontSize: 'inherit' },
  }),
  own: css({ display: 'inline-block', minWidth: '6ch' }),
  weight: css({ padding: theme.spacing(0.75, 1), verticalAlign: 'top', textAlign: 'right', whiteSpace: 'nowrap' }),
  track: css({
    display: 'inline-block',
    width: 72,
    height: 8,
    marginRight: theme.spacing(1),
    borderRadius: 2,
    background: theme.colors.background.secondary,
    textAlign: 'left',
  }),
  bar: css({ display: 'block', height: '100%', borderRadius: 2, background: theme.colors.primary.main }),
  barMost: css({ background: theme.colors.warning.main }),
  part: css({ display: 'inline-block', width: '6ch', color: theme.colors.text.secondary }),
  error: css({ display: 'block', fontWeight: theme.typography.fontWeightMedium }),
  notable: css({ color: theme.colors.warning.text }),
  bad: css({ color: theme.colors.error.text }),
  buffer: css({ display: 'block' }),
});
