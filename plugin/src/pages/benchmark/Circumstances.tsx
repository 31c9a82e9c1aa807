import type { Sheet } from '@pgvigil/exporter/contract';
import React from 'react';
import { FactTable } from '../../components/benchmark';
import { format } from '../../lib/format';

/** What server and machine were like. Of two runs that are compared these agree, but for what is listed as different. */
export function Circumstances({ sheet: { benchmarks } }: { sheet: Sheet }) {
  const { facts, description, blocks } = benchmarks[benchmarks.length - 1];
  return (
    <details>
      <summary>Circumstances</summary>
      <p>{description}</p>
      <FactTable
        title="Server and machine"
        head={['', '']}
        texts={[1]}
        rows={[
          ['Blocks', String(blocks)],
          ...(facts
            ? ([
                ['PostgreSQL', facts.serverVersion + (facts.standby ? ', a standby' : '')],
                ['Database', format('bytes', facts.dataBytes)],
                ...Object.entries(facts.settings),
                ...Object.entries(facts.pooler ?? {}).map(([name, value]) => [`PgBouncer: ${name}`, value]),
                [
                  'Sent from',
                  `${facts.host.cpus} processors, ${format('bytes', facts.host.memoryBytes)}, ${facts.host.kernel}, Node.js ${facts.host.node}`,
                ],
              ] as Array<[string, string]>)
            : []),
        ]}
      />
    </details>
  );
}
