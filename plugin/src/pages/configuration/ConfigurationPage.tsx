import { css } from '@emotion/css';
import type { AppPluginMeta, GrafanaTheme2, PluginConfigPageProps } from '@grafana/data';
import {
  Alert,
  Button,
  Combobox,
  Field,
  FieldSet,
  Input,
  LoadingPlaceholder,
  SecretInput,
  useStyles2,
} from '@grafana/ui';
import React, { type FormEvent, useEffect, useState } from 'react';
import type { Failure } from '../../api/failure';
import { saveSettings } from '../../api/settings';
import type { AppSecrets, AppSettings } from '../../constants';
import { type TestResult, testConnection } from './connection_test';
import { Findings } from './Findings';
import { problemOfUrl, tidyUrl } from './url';

export type ConfigurationPageProps = PluginConfigPageProps<AppPluginMeta<AppSettings>>;

const WIDTH = 60;

/** Address, secrets, default target; then what works with them. */
export default function ConfigurationPage({ plugin }: ConfigurationPageProps) {
  const styles = useStyles2(getStyles);
  const { jsonData, secureJsonFields = {} } = plugin.meta;
  const saved = { url: jsonData?.url ?? '', defaultTarget: jsonData?.defaultTarget ?? '' };
  const [form, setForm] = useState(saved);
  const [secrets, setSecrets] = useState<AppSecrets>({});
  const [failure, setFailure] = useState<Failure>();
  const [saving, setSaving] = useState(false);
  const { result, test } = useTest(saved.url, Boolean(secureJsonFields.writeSecret));
  const problem = form.url === saved.url ? '' : problemOfUrl(form.url);

  const save = async (event: FormEvent) => {
    event.preventDefault();
    setSaving(true);
    setFailure(undefined);
    try {
      await saveSettings({ url: tidyUrl(form.url), defaultTarget: form.defaultTarget || undefined }, trimmed(secrets));
      // Grafana gives changed settings to an app when it is loaded; the page then tests them.
      window.location.reload();
    } catch (error) {
      setFailure(error as Failure);
      setSaving(false);
    }
  };

  return (
    <>
      <form onSubmit={(event) => void save(event)} className={styles.form}>
        <FieldSet label="Connection">
          <Field
            label="Exporter URL"
            htmlFor="url"
            description="Where Grafana's server reaches pgvigil's exporter."
            error={problem}
            invalid={problem !== ''}
            required
          >
            <Input
              id="url"
              width={WIDTH}
              value={form.url}
              placeholder="http://exporter:9187"
              onChange={({ currentTarget }) => setForm({ ...form, url: currentTarget.value })}
            />
          </Field>
          <Secret
            name="readSecret"
            label="Read secret"
            description="Content of the exporter's --api.read-secret-file. Grafana keeps it encrypted; no browser sees it."
            isSaved={Boolean(secureJsonFields.readSecret)}
            secrets={secrets}
            onChange={setSecrets}
          />
          <Secret
            name="writeSecret"
            label="Write secret"
            description="Content of --api.write-secret-file. Without it nothing can be changed from here."
            isSaved={Boolean(secureJsonFields.writeSecret)}
            secrets={secrets}
            onChange={setSecrets}
          />
          <Field
            label="Default target"
            htmlFor="defaultTarget"
            description="Shown where a link names none. Empty: the exporter's first."
          >
            <Combobox
              id="defaultTarget"
              width={WIDTH}
              isClearable
              createCustomValue
              placeholder="The first"
              options={(result?.targets ?? []).map((value) => ({ value }))}
              value={form.defaultTarget || null}
              onChange={(option) => setForm({ ...form, defaultTarget: option?.value ?? '' })}
            />
          </Field>
          <Button type="submit" disabled={saving || form.url === '' || problem !== ''}>
            Save and test
          </Button>
        </FieldSet>
      </form>
      {failure && (
        <Alert severity="error" title="Not saved">
          {failure.message} {failure.hint}
        </Alert>
      )}
      {saved.url !== '' && (
        <section aria-live="polite" className={styles.result}>
          <h3>What works</h3>
          {result === undefined ? <LoadingPlaceholder text="Testing…" /> : <Findings findings={result.findings} />}
          <Button variant="secondary" icon="sync" onClick={test} disabled={result === undefined}>
            Test again
          </Button>
        </section>
      )}
    </>
  );
}

/** Copied from a file, they bring its line end. */
const trimmed = (secrets: AppSecrets): AppSecrets =>
  Object.fromEntries(Object.entries(secrets).map(([name, value]: [string, string]) => [name, value.trim()]));

interface SecretProps {
  name: keyof AppSecrets;
  label: string;
  description: string;
  /** Grafana has one, and shows it to nobody. */
  isSaved: boolean;
  secrets: AppSecrets;
  onChange: (secrets: AppSecrets) => void;
}

/** A saved one stays unless it is typed anew. */
function Secret({ name, label, description, isSaved, secrets, onChange }: SecretProps) {
  const value = secrets[name];
  return (
    <Field label={label} htmlFor={name} description={description}>
      <SecretInput
        id={name}
        width={WIDTH}
        autoComplete="new-password"
        isConfigured={isSaved && value === undefined}
        value={value ?? ''}
        onChange={({ currentTarget }) => onChange({ ...secrets, [name]: currentTarget.value })}
        onReset={() => onChange({ ...secrets, [name]: '' })}
      />
    </Field>
  );
}

/** Tests what is saved, at once and on demand. */
function useTest(url: string, hasWriteSecret: boolean) {
  const [result, setResult] = useState<TestResult>();
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    if (url === '') return;
    const abort = new AbortController();
    setResult(undefined);
    testConnection(url, hasWriteSecret, abort.signal).then(
      (found) => !abort.signal.aborted && setResult(found),
      // Only the abort itself ends here: every failure is a finding.
      () => undefined,
    );
    return () => abort.abort();
  }, [url, hasWriteSecret, asked]);
  return { result, test: () => setAsked(asked + 1) };
}

const getStyles = (theme: GrafanaTheme2) => ({
  form: css({ marginTop: theme.spacing(2) }),
  result: css({ marginTop: theme.spacing(4), ul: { marginBottom: theme.spacing(2) } }),
});
