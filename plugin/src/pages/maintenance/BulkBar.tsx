import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, Checkbox, useStyles2 } from '@grafana/ui';
import type { Finding } from '@pgvigil/exporter/contract';
import React, { useState } from 'react';
import { BulkDrawer } from '../../components/action';
import { plural } from '../../lib/format';
import type { Selection } from './useSelection';

interface BulkBarProps {
  target: string;
  rows: readonly Finding[];
  selection: Selection;
  onClose: () => void;
}

const requestOf = (target: string, { action, database, params }: Finding) => ({ action, target, database, params });

/** All of a page at once, and what is to be done with those chosen. Not there for who may do nothing. */
export function BulkBar({ target, rows, selection, onClose }: BulkBarProps) {
  const styles = useStyles2(getStyles);
  const [asked, setAsked] = useState<ReadonlyArray<ReturnType<typeof requestOf>>>();
  const offered = rows.filter(selection.offered);
  const { chosen } = selection;
  // The rows may be others by now: what was asked for stays until it is closed.
  if (offered.length < 2 && !asked) return null;
  const all = chosen.length === offered.length;
  return (
    <div className={styles.bar}>
      <Checkbox
        label={`All ${offered.length} on this page`}
        value={all}
        indeterminate={!all && chosen.length > 0}
        onChange={() => selection.set(offered, !all)}
      />
      <Button
        size="sm"
        variant="secondary"
        disabled={chosen.length === 0}
        onClick={() => setAsked(chosen.map((finding) => requestOf(target, finding)))}
      >
        {chosen.length === 0 ? 'Run the chosen…' : `Run ${plural(chosen.length, 'chosen action')}…`}
      </Button>
      {asked && (
        <BulkDrawer
          {...{ target, requests: asked }}
          onClose={() => {
            setAsked(undefined);
            selection.set(rows, false);
            onClose();
          }}
        />
      )}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  bar: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(2), minHeight: theme.spacing(3) }),
});
