import React from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, type IconName, Tooltip, useStyles2 } from '@grafana/ui';
import type { Statement } from '@pgvigil/exporter/contract';
import { formatChange } from '../../lib/format';
import { Unknown } from '../value/Unknown';

type Change = Statement['change'];

/** What a screen reader hears and the hover explains; the figure alone would not say of what. */
const WORDS: Record<Exclude<Change['kind'], 'unknown'>, string> = {
  new: 'It did not run in the window before.',
  gone: 'It ran in the window before, and not in this one.',
  slower: 'Slower per call than in the window before, beyond noise.',
  faster: 'Faster per call than in the window before, beyond noise.',
  same: 'No change per call beyond noise.',
};
const ICONS: Partial<Record<Change['kind'], IconName>> = { slower: 'arrow-up', faster: 'arrow-down' };

/** Against the window of the same length before: ×1.80, −12 %, NEW, GONE. */
export function ChangeMark({ change }: { change: Change }) {
  const styles = useStyles2(getStyles);
  const { kind, meanRatio } = change;
  if (kind === 'unknown') {
    return <Unknown reason="There is no history of the window before." />;
  }
  const icon = ICONS[kind];
  const text =
    kind === 'new'
      ? 'NEW'
      : kind === 'gone'
        ? 'GONE'
        : kind === 'same'
          ? 'same'
          : meanRatio === null
            ? kind
            : formatChange(meanRatio);
  return (
    <Tooltip content={WORDS[kind]}>
      <span className={styles[kind]}>
        {icon && <Icon name={icon} size="sm" />}
        {text}
        {icon && <span className="sr-only"> {kind}</span>}
      </span>
    </Tooltip>
  );
}

const getStyles = (theme: GrafanaTheme2) => {
  const word = { fontWeight: theme.typography.fontWeightMedium, whiteSpace: 'nowrap' as const };
  return {
    new: css({ ...word, color: theme.colors.info.text }),
    gone: css({ ...word, color: theme.colors.text.secondary }),
    slower: css({ ...word, color: theme.colors.error.text }),
    faster: css({ ...word, color: theme.colors.success.text }),
    same: css({ color: theme.colors.text.secondary }),
  };
};
