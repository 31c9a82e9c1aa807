import { Combobox, Field } from '@grafana/ui';
import React, { useState } from 'react';
import { useCall } from '../../api/useCall';
import { SideDrawer } from '../../components/drawer/SideDrawer';
import { Empty, ErrorState, Skeleton } from '../../components/states';
import { RunForm } from './RunForm';

export interface RunDrawerProps {
  target: string;
  onClose: () => void;
  onStarted: () => void;
}

/** Which workload; the rest of the form follows from it. */
export function RunDrawer({ target, onClose, onStarted }: RunDrawerProps) {
  const { data, error, refresh } = useCall('GET /api/v1/benchmarks/workloads', { query: { target } });
  const [id, setId] = useState<string>();
  const chosen = data?.items.find((one) => one.id === id);
  return (
    <SideDrawer title="New run" subtitle={`on ${target}`} onClose={onClose}>
      {error && <ErrorState part="Workloads" error={error} onRetry={refresh} />}
      {!data && !error && <Skeleton height={96} />}
      {data?.items.length === 0 && <Empty title="There is no workload" />}
      {data && (
        <Field label="Workload" noMargin description="Files on the exporter's host: those of pgvigil, and your own.">
          <Combobox
            id="benchmark-workload"
            options={data.items.map(({ id, title }) => ({ value: id, label: title, description: id }))}
            value={id ?? null}
            placeholder="Choose a workload"
            onChange={({ value }) => setId(value)}
          />
        </Field>
      )}
      {data?.problems.map((problem) => (
        <ErrorState key={problem} part="A workload" error={{ message: problem }} />
      ))}
      {chosen && <RunForm key={chosen.id} target={target} workload={chosen} {...{ onClose, onStarted }} />}
    </SideDrawer>
  );
}
