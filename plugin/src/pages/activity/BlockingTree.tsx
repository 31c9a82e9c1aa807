import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { Activity, Blocker } from '@pgvigil/exporter/contract';
import React from 'react';
import { plural } from '../../lib/format';
import { BlockingRow } from './BlockingRow';

export interface BlockingTreeProps {
  activity: Activity;
  onOpen: (pid: number) => void;
}

/** Root blockers at the top, whom they block indented under them. Nothing where nobody is blocked. */
export function BlockingTree({ activity, onOpen }: BlockingTreeProps) {
  const styles = useStyles2(getStyles);
  const { blocking, sessions } = activity;
  if (blocking.length === 0) return null;
  const byPid = new Map(sessions.map((session) => [session.pid, session]));
  const branch = (nodes: readonly Blocker[], depth: number) => (
    <ul className={depth === 0 ? styles.roots : styles.branch}>
      {nodes.map((node) => (
        <li key={node.pid}>
          <BlockingRow
            pid={node.pid}
            session={byPid.get(node.pid)}
            blocks={node.victims > 0 ? `blocks ${plural(node.victims, 'session')}` : ''}
            root={depth === 0}
            onOpen={onOpen}
          />
          {node.children.length > 0 && branch(node.children, depth + 1)}
        </li>
      ))}
    </ul>
  );
  return (
    <section aria-label="Who blocks whom" className={styles.frame}>
      {branch(blocking, 0)}
    </section>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  frame: css({
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.primary,
    marginBottom: theme.spacing(1),
    maxHeight: '45vh',
    overflowY: 'auto',
  }),
  roots: css({ listStyle: 'none', margin: 0, padding: 0 }),
  branch: css({
    listStyle: 'none',
    margin: 0,
    marginLeft: theme.spacing(2),
    padding: 0,
    borderLeft: `1px solid ${theme.colors.border.medium}`,
  }),
});
