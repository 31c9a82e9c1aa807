import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, Icon, Toggletip, useStyles2 } from '@grafana/ui';
import type { Status, Target } from '@pgvigil/exporter/contract';
import React from 'react';
import { type Fact, facts } from './truth';

interface Props {
  target: Target | undefined;
  status: Status | undefined;
  /** Milliseconds since 1970: when `target` arrived. */
  at: number | undefined;
}

/** "data 12 s old · history 9 d · actions: on (you may run them)", each with its reason where it is not as it should be. */
export function TruthLine({ target, status, at }: Props) {
  const styles = useStyles2(getStyles);
  if (target === undefined || status === undefined) return null;
  const age = at === undefined ? 0 : Math.max(0, (Date.now() - at) / 1000);
  return (
    <div className={styles.line} role="status">
      {facts(target, status, age).map((fact, index) => (
        <React.Fragment key={fact.words}>
          {index > 0 && <span aria-hidden="true">·</span>}
          <OneFact fact={fact} />
        </React.Fragment>
      ))}
    </div>
  );
}

function OneFact({ fact }: { fact: Fact }) {
  const styles = useStyles2(getStyles);
  if (!fact.why) return <span>{fact.words}</span>;
  return (
    <Toggletip content={fact.why} closeButton={false}>
      <Button variant="secondary" fill="text" size="sm" className={styles.fact}>
        {fact.state !== 'plain' && (
          <Icon
            name={fact.state === 'bad' ? 'exclamation-circle' : 'info-circle'}
            size="sm"
            className={styles[fact.state]}
          />
        )}{' '}
        {fact.words}
      </Button>
    </Toggletip>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  line: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  fact: css({ padding: theme.spacing(0, 0.5), color: theme.colors.text.secondary, fontWeight: 'inherit' }),
  bad: css({ color: theme.colors.error.text }),
  off: css({ color: theme.colors.text.secondary }),
});
