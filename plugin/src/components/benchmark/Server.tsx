import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import type { Sheet, Side } from '@pgvigil/exporter/contract';
import React from 'react';
import { format, formatExact, type Quantity } from '../../lib/format';
import { NotApplicable } from '../value/Unknown';
import { FactTable } from './FactTable';
import { foundInWords, wantedInWords } from './words';

const WAITS = 8;

/** What was wanted, what sessions waited for, what the server did, what differed. */
export function Server({ sheet }: { sheet: Sheet }) {
  const styles = useStyles2(getStyles);
  const { sides, differences, benchmarks } = sheet;
  const names = sides.map(({ name }) => name);
  const wanted = sides[0]?.thresholds ?? [];
  const waits = waitsOf(sides);
  const figure = (quantity: Quantity, value: number | null) =>
    value === null ? <NotApplicable /> : format(quantity, value);
  const switches = benchmarks.flatMap((one) => Object.entries(one.switches));
  return (
    <div className={styles.grid}>
      {wanted.length > 0 && (
        <FactTable
          title="What the workload wants"
          head={['', ...names]}
          rows={wanted.map((one) => [
            wantedInWords(one),
            ...sides.map(({ thresholds }) => (
              <Found key={one.name} reached={thresholds.find(({ name }) => name === one.name)!} />
            )),
          ])}
        />
      )}
      {waits.length > 0 && (
        <FactTable
          title="What its sessions waited for"
          head={['', ...names]}
          rows={waits.map(([wait, shares]) => [wait, ...shares.map((share) => figure('ratio', share))])}
          note="Share of its active sessions, sampled ten times a second; CPU: waiting for nothing."
        />
      )}
      {sides.length > 0 && (
        <FactTable
          title="What the server did"
          head={['', ...names]}
          rows={[
            ['WAL written', ...sides.map(({ walBytes }) => figure('bytes', walBytes))],
            ['Checkpoints', ...sides.map(({ checkpoints }) => figure('count', checkpoints))],
            ['Connections begun', ...sides.map(({ sessions }) => figure('count', sessions))],
          ]}
          note="Of the whole server, and so also of whatever else it had to do."
        />
      )}
      {switches.length > 0 && (
        <FactTable
          title="What was compared"
          head={['', 'Sets']}
          texts={[1]}
          rows={switches.map(([arm, words]) => [arm, words.join('; ') || 'nothing'])}
        />
      )}
      {differences.length > 0 && (
        <FactTable
          title="What differed"
          head={['', 'In words']}
          texts={[1]}
          rows={differences.map(({ name, words }) => [name, words])}
        />
      )}
      {benchmarks.map(({ id, errors }) =>
        Object.keys(errors).length === 0 ? null : (
          <FactTable
            key={id}
            title={benchmarks.length === 1 ? 'Errors' : `Errors of ${id.slice(0, 8)}`}
            head={['SQLSTATE', 'Statement', 'The first of them']}
            texts={[1, 2]}
            rows={Object.entries(errors).map(([code, { statement, message }]) => [code, statement, message])}
          />
        ),
      )}
    </div>
  );
}

function Found({ reached }: { reached: Side['thresholds'][number] }) {
  const styles = useStyles2(getStyles);
  const { met } = reached;
  if (met === null) return <>not known</>;
  return (
    <>
      <Icon name={met ? 'check' : 'exclamation-triangle'} size="sm" className={met ? styles.ok : styles.warn} />{' '}
      {foundInWords(reached)}, {met ? 'met' : 'missed'}
    </>
  );
}

/** Shares by wait, the largest first. */
function waitsOf(sides: readonly Side[]): Array<[string, (number | null)[]]> {
  const names = [...new Set(sides.flatMap(({ waits }) => Object.keys(waits ?? {})))];
  const rows = names.map((name): [string, (number | null)[]] => [
    name,
    sides.map(({ waits }) => {
      const all = Object.values(waits ?? {}).reduce((sum, count) => sum + count, 0);
      return all === 0 ? null : (waits![name] ?? 0) / all;
    }),
  ]);
  const most = ([, shares]: (typeof rows)[number]) => Math.max(...shares.map((share) => share ?? 0));
  return rows.sort((a, b) => most(b) - most(a)).slice(0, WAITS);
}

/** The costliest statements, as the server counted them. */
export function Counted({ sheet: { benchmarks } }: { sheet: Sheet }) {
  return benchmarks.map(({ id, statements }) =>
    !statements?.length ? null : (
      <FactTable
        key={id}
        title={benchmarks.length === 1 ? 'What the server counted' : `What the server counted in ${id.slice(0, 8)}`}
        head={['Statement', 'Calls', 'In all', 'Rows', 'WAL']}
        rows={statements.map(({ query, calls, totalMs, rows, walBytes }) => [
          query.replace(/\s+/g, ' ').slice(0, 300),
          formatExact(calls),
          format('seconds', totalMs / 1000),
          formatExact(rows),
          format('bytes', walBytes),
        ])}
      />
    ),
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  grid: css({
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(26rem, 100%), 1fr))',
    gap: theme.spacing(3),
    alignItems: 'start',
  }),
  ok: css({ color: theme.colors.success.text }),
  warn: css({ color: theme.colors.warning.text }),
});
