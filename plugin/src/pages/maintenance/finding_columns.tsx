import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Checkbox, Icon, useStyles2 } from '@grafana/ui';
import type { Finding } from '@pgvigil/exporter/contract';
import React from 'react';
import type { Column } from '../../components/table';
import { NotApplicable, Unknown } from '../../components/value/Unknown';
import { Time } from '../../components/value/Time';
import { format } from '../../lib/format';
import { FindingState } from './FindingState';
import type { Selection } from './useSelection';

const GAINS = { bytes: 'bytes', rows: 'count', seconds: 'seconds' } as const;

/** "2.1 GiB", "12,400 rows", "3 h": kinds of gain differ from row to row, so each carries its unit. */
export const gainOf = ({ gain }: Pick<Finding, 'gain'>): string | null =>
  gain === null ? null : `${format(GAINS[gain.unit], gain.value)}${gain.unit === 'rows' ? ' rows' : ''}`;

/** The others' gain, where none is given, is no figure: better plans, an error less. */
const FREES_SPACE = new Set(['reindex', 'drop_index', 'drop_leftover']);
const LOCKED = 'Somebody locks it: whoever asked for its size would wait too.';

function Sentence({ finding }: { finding: Finding }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.sentence}>
      {finding.message}
      {finding.heldBack !== '' && (
        <div className={styles.held}>
          <Icon name="lock" size="sm" title="held back" /> {finding.heldBack}
        </div>
      )}
    </div>
  );
}

export const FINDING_COLUMNS: ReadonlyArray<Column<Finding>> = [
  { id: 'state', title: 'State', cell: ({ state }) => <FindingState state={state} /> },
  { id: 'message', title: 'Finding', cell: (finding) => <Sentence finding={finding} /> },
  {
    id: 'gain',
    title: 'Gain',
    help: 'Space, rows or time that the action is expected to win.',
    align: 'right',
    cell: (finding) => (
      <span style={{ whiteSpace: 'nowrap' }}>
        {gainOf(finding) ?? (FREES_SPACE.has(finding.action) ? <Unknown reason={LOCKED} /> : <NotApplicable />)}
      </span>
    ),
  },
  {
    id: 'since',
    title: 'Since',
    align: 'right',
    cell: ({ since }) => (since === null ? <NotApplicable /> : <Time iso={since} />),
  },
];

export const nameOf = ({ relation }: Pick<Finding, 'relation'>): string => `${relation.schema}.${relation.name}`;

/** @param titleOf an action's id → its title. */
export const chooseColumn = (selection: Selection, titleOf: (action: string) => string): Column<Finding> => ({
  id: 'choose',
  title: 'Choose',
  width: '1%',
  cell: (finding) =>
    selection.offered(finding) && (
      <Checkbox
        aria-label={`Choose ${titleOf(finding.action)} ${nameOf(finding)}`}
        value={selection.has(finding)}
        onChange={(event) => selection.set([finding], event.currentTarget.checked)}
      />
    ),
});

const getStyles = (theme: GrafanaTheme2) => ({
  sentence: css({ overflowWrap: 'anywhere', fontSize: theme.typography.body.fontSize, padding: theme.spacing(0.5, 0) }),
  held: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});
