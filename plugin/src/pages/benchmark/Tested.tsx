import { Field, Input } from '@grafana/ui';
import React, { useState } from 'react';

/** What differs on purpose: runs that differ in anything else are not compared. */
export function Tested({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onChange(text.replace(/\s/g, ''));
      }}
    >
      <Field
        noMargin
        label="What differs on purpose"
        description="Names from the list of differences, with commas between them: settings.work_mem, schema. Enter compares again."
      >
        <Input id="benchmark-tested" width={60} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      </Field>
    </form>
  );
}
