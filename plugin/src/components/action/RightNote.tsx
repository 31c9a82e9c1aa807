import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import type { ActionInfo } from '@pgvigil/exporter/contract';
import React from 'react';
import { NoPermission } from '../states/NoPermission';
import type { Right } from './rights';

/** In place of a button: which role may, or what is missing and the cure. Nothing while it is not known. */
export function RightNote({ right }: { right: Right }) {
  const styles = useStyles2(getStyles);
  if (right.state === 'role' && right.info) {
    return <NoPermission deed={deedOf(right.info)} role={right.info.role} />;
  }
  if (right.state === 'off') {
    return (
      <p className={styles.line}>
        <Icon name="lock" size="sm" /> Actions are off: {right.words}
      </p>
    );
  }
  return null;
}

/** The deed in the words of its button: titles of actions are no infinitives that a sentence could take. */
export const deedOf = (...infos: readonly ActionInfo[]): string =>
  `use ${infos.map(({ title }) => `“${title}”`).join(', ')}`;

const getStyles = (theme: GrafanaTheme2) => ({
  line: css({ margin: 0, color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});
