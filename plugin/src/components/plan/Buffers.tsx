import React from 'react';
import { useStyles2 } from '@grafana/ui';
import type { PlanNode } from '@pgvigil/exporter/contract';
import { format } from '../../lib/format';
import { NotApplicable } from '../value/Unknown';
import { getPlanStyles } from './styles';

const BLOCK = 8192;

/** What it found in shared buffers, read, and spilled; children included, as EXPLAIN counts. */
export function Buffers({ node }: { node: PlanNode }) {
  const styles = useStyles2(getPlanStyles);
  const parts = [
    ['hit', node.sharedHitBlocks],
    ['read', node.sharedReadBlocks],
    ['temporary', node.tempBlocks],
  ] as const;
  const some = parts.filter((part): part is [(typeof part)[0], number] => part[1] !== null && part[1] > 0);
  if (some.length === 0) {
    return <NotApplicable />;
  }
  return (
    <>
      {some.map(([name, blocks]) => (
        <span key={name} className={styles.buffer}>
          {format('bytes', blocks * BLOCK)} {name}
        </span>
      ))}
    </>
  );
}
