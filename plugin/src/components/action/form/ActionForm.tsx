import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, useStyles2 } from '@grafana/ui';
import type { ActionInfo, ParamValues, Relation } from '@pgvigil/exporter/contract';
import React from 'react';
import { useCall } from '../../../api/useCall';
import { ErrorState } from '../../states/ErrorState';
import { Foot } from '../Foot';
import { ExistingIndexes } from './ExistingIndexes';
import { changed, type FormValues, missing } from './form_values';
import { ParamField } from './ParamField';

export interface ActionFormProps {
  info: ActionInfo;
  target: string;
  database: string;
  values: FormValues;
  /** Name of the table or index that `values` begin with. */
  relation?: Relation;
  onChange: (values: FormValues) => void;
  onSubmit: (params: ParamValues) => void;
  onClose: () => void;
}

/** Asks what an action needs, as the action itself says. A form with columns shows the table's indexes beside them. */
export function ActionForm(props: ActionFormProps) {
  const { info, target, database, values, relation, onChange, onSubmit, onClose } = props;
  const styles = useStyles2(getStyles);
  const wantsColumns = info.params.some(({ type }) => type === 'columns');
  const input =
    wantsColumns && values.table !== undefined ? { query: { target, database, table: values.table } } : undefined;
  const { data, error, stale } = useCall('GET /api/v1/columns', input);
  const table = input && !stale ? data : undefined;
  const left = missing(info.params, values);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (left.length === 0) onSubmit(values);
      }}
    >
      <div className={table ? styles.beside : undefined}>
        <div className={styles.fields}>
          {info.params.map((param) => (
            <ParamField
              key={param.name}
              {...{ param, values, target, database }}
              columns={table?.columns ?? []}
              relation={table?.relation ?? relation}
              onChange={(value) => onChange(changed(info.params, values, param.name, value))}
            />
          ))}
        </div>
        {table && <ExistingIndexes indexes={table.indexes} />}
      </div>
      {error && input && <ErrorState part="Columns" error={error} />}
      <Foot note={left.length > 0 ? `Still to choose: ${left.join(', ')}.` : undefined}>
        <Button variant="secondary" onClick={onClose}>
          Close
        </Button>
        <Button type="submit" disabled={left.length > 0}>
          Preview…
        </Button>
      </Foot>
    </form>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  beside: css({
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 3fr) minmax(0, 2fr)',
    gap: theme.spacing(3),
    alignItems: 'start',
  }),
  fields: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2), paddingBottom: theme.spacing(2) }),
});
