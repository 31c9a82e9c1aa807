import React from 'react';
import { useTheme2 } from '@grafana/ui';
import type { QueryDetail } from '@pgvigil/exporter/contract';
import { ShareBar } from '../../../components/charts/ShareBar';
import { Empty } from '../../../components/states';
import { Wait } from '../../../components/statements/Wait';
import { type Column, DataTable } from '../../../components/table';
import { useScope } from '../../../lib/scope';
import { format } from '../../../lib/format';
import { waitColour } from '../../../lib/waits';

type WaitRow = QueryDetail['waits'][number];

/** What its sessions were seen waiting for in the window. */
export function WaitsTab({ detail }: { detail: QueryDetail | undefined }) {
  const theme = useTheme2();
  const seconds = useScope().status?.history.sampleSeconds;
  const columns: Column<WaitRow>[] = [
    {
      id: 'wait',
      title: 'Wait',
      width: 280,
      cell: ({ type, event }) => <Wait wait={event ? `${type}:${event}` : type} />,
    },
    {
      id: 'share',
      title: 'Part of the time it was seen',
      quantity: 'ratio',
      value: (row) => row.share,
      cell: (row) => (
        <ShareBar ratio={row.share} text={format('ratio', row.share)} colour={waitColour(row.type, theme)} />
      ),
    },
    { id: 'seconds', title: 'Session time', quantity: 'seconds', width: 120, value: (row) => row.seconds },
  ];
  return (
    <DataTable
      label="Waits"
      columns={columns}
      rows={detail?.waits}
      rowKey={({ type, event }) => `${type}:${event}`}
      skeletonRows={4}
      empty={
        <Empty title="No session was seen running it in this window">
          {seconds === 0
            ? 'Sessions are not looked at: set --history.sample-interval to more than 0.'
            : `Sessions are looked at every ${seconds ?? 'few'} s: a statement that is rare and fast is seldom met. A longer window sees more.`}
        </Empty>
      }
    />
  );
}
