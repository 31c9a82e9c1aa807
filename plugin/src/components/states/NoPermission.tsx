import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import type { Role } from '@pgvigil/exporter/contract';

export interface NoPermissionProps {
  /** The deed, in the infinitive: "run the statement with parameters". */
  deed: string;
  /** The least role that may. */
  role: Role;
}

/** In place of a button: who may do it. */
export function NoPermission({ deed, role }: NoPermissionProps) {
  const styles = useStyles2(getStyles);
  return (
    <p className={styles.line}>
      <Icon name="lock" size="sm" /> {role === 'Editor' ? 'Editors and admins' : `${role}s`} may {deed}.
    </p>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  line: css({ margin: 0, color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});
