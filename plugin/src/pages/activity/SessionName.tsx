import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Badge, useStyles2 } from '@grafana/ui';
import type { Session } from '@pgvigil/exporter/contract';
import React from 'react';
import { namesOf } from './groups';
import { who } from './summary';

export interface SessionNameProps {
  pid: number;
  session: Session | undefined;
  onOpen: (pid: number) => void;
}

/** "session 4711 report@shop (nightly)": opens its detail. */
export function SessionName({ pid, session, onOpen }: SessionNameProps) {
  const styles = useStyles2(getStyles);
  const name = who(pid).replace(/^./, (first) => first.toUpperCase());
  return (
    <span className={styles.name}>
      {session ? (
        <button type="button" className={styles.open} onClick={() => onOpen(pid)}>
          {name}
        </button>
      ) : (
        <strong>{name}</strong>
      )}{' '}
      {session && <span className={styles.secondary}>{namesOf(session).filter(Boolean).join(' · ')}</span>}{' '}
      {session?.own && <Badge text="pgvigil" color="blue" />}
    </span>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  name: css({ overflowWrap: 'anywhere' }),
  open: css({
    all: 'unset',
    cursor: 'pointer',
    color: theme.colors.text.link,
    fontWeight: theme.typography.fontWeightMedium,
    '&:hover': { textDecoration: 'underline' },
    '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}`, outlineOffset: 2 },
  }),
  secondary: css({ color: theme.colors.text.secondary }),
});
