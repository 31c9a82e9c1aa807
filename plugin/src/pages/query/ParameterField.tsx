import React, { useId } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Checkbox, Field, Input, RadioButtonGroup, useStyles2 } from '@grafana/ui';
import { EMPTY, type Entry, exampleOf, isBoolean, isNumeric } from './parameters';

export interface ParameterFieldProps {
  number: number;
  /** PostgreSQL's name of its type. */
  type: string;
  entry: Entry | undefined;
  onChange: (entry: Entry) => void;
}

/** One of $1, $2 …; NULL is a value of its own, not an empty field. */
export function ParameterField({ number, type, entry = EMPTY, onChange }: ParameterFieldProps) {
  const styles = useStyles2(getStyles);
  const id = useId();
  return (
    <Field label={`$${number}`} description={type} htmlFor={id} noMargin>
      <div className={styles.row}>
        {isBoolean(type) ? (
          <RadioButtonGroup
            aria-label={`$${number}`}
            disabled={entry.isNull}
            options={[
              { value: 'true', label: 'true' },
              { value: 'false', label: 'false' },
            ]}
            value={entry.text || 'false'}
            onChange={(text) => onChange({ ...entry, text })}
          />
        ) : (
          <Input
            id={id}
            value={entry.isNull ? '' : entry.text}
            disabled={entry.isNull}
            placeholder={exampleOf(type)}
            inputMode={isNumeric(type) ? 'decimal' : 'text'}
            onChange={(event) => onChange({ ...entry, text: event.currentTarget.value })}
          />
        )}
        <Checkbox
          label="NULL"
          aria-label={`$${number} is NULL`}
          value={entry.isNull}
          onChange={(event) => onChange({ ...entry, isNull: event.currentTarget.checked })}
        />
      </div>
    </Field>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  row: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(1) }),
});
