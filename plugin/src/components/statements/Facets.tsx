import React, { useState } from 'react';
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, useStyles2 } from '@grafana/ui';
import { waitTitle, splitWait } from '../../lib/waits';

export interface Facet {
  /** The filter it sets. */
  name: string;
  title: string;
  values: readonly { value: string; share: number; statements: number }[];
}

export interface FacetsProps {
  facets: readonly Facet[];
  chosen: Readonly<Record<string, string>>;
  /** Empty: no longer filtered by it. */
  onChoose: (name: string, value: string) => void;
}

/** Left of a list: what it can be narrowed to, each with its part of the load. */
export function Facets({ facets, chosen, onChoose }: FacetsProps) {
  const styles = useStyles2(getStyles);
  return (
    <aside className={styles.facets} aria-label="Filters">
      {facets
        .filter((facet) => facet.values.length > 1 || chosen[facet.name])
        .map((facet) => (
          <FacetList key={facet.name} facet={facet} chosen={chosen[facet.name] ?? ''} onChoose={onChoose} />
        ))}
    </aside>
  );
}

interface ChosenFacetsProps extends Pick<FacetsProps, 'chosen' | 'onChoose'> {
  facets: readonly Omit<Facet, 'values'>[];
}

/** Where the filters are closed: what the list is narrowed to, each undone by a press. */
export function ChosenFacets({ facets, chosen, onChoose }: ChosenFacetsProps) {
  const styles = useStyles2(getStyles);
  return facets
    .filter(({ name }) => chosen[name])
    .map(({ name, title }) => (
      <Button
        key={name}
        size="sm"
        variant="secondary"
        icon="times"
        className={styles.pill}
        aria-label={`${title}: ${chosen[name]}, remove`}
        onClick={() => onChoose(name, '')}
      >
        {`${title}: ${name === 'wait' ? titleOfWait(chosen[name]) : chosen[name]}`}
      </Button>
    ));
}

const FEW = 6;

function FacetList({ facet, chosen, onChoose }: { facet: Facet; chosen: string; onChoose: FacetsProps['onChoose'] }) {
  const styles = useStyles2(getStyles);
  const [all, setAll] = useState(false);
  const known = facet.values.some((one) => one.value === chosen);
  // A value from a pasted link stays visible and can be undone, though nothing matches it.
  const values = chosen && !known ? [{ value: chosen, share: 0, statements: 0 }, ...facet.values] : facet.values;
  const shown = all ? values : values.filter((one, at) => at < FEW || one.value === chosen);
  return (
    <section className={styles.facet}>
      <h2 className={styles.title}>{facet.title}</h2>
      <ul className={styles.list}>
        {shown.map(({ value, share }) => (
          <li key={value}>
            <button
              type="button"
              className={cx(styles.value, value === chosen && styles.chosen)}
              aria-pressed={value === chosen}
              onClick={() => onChoose(facet.name, value === chosen ? '' : value)}
            >
              <span className={styles.bar} style={{ width: `${share * 100}%` }} aria-hidden="true" />
              <span className={styles.name} title={value}>
                {facet.name === 'wait' ? titleOfWait(value) : value}
              </span>
              <span className={styles.share}>{percent(share)}</span>
            </button>
          </li>
        ))}
      </ul>
      {values.length > shown.length && (
        <Button size="sm" variant="secondary" fill="text" onClick={() => setAll(true)}>
          {values.length - shown.length} more
        </Button>
      )}
    </section>
  );
}

/** Whole percents are enough to choose by. */
const percent = (share: number) => (share > 0 && share < 0.01 ? '<1 %' : `${Math.round(share * 100)} %`);

const titleOfWait = (wait: string) => {
  const { type, event } = splitWait(wait);
  return waitTitle(type, event);
};

const getStyles = (theme: GrafanaTheme2) => ({
  facets: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
  facet: css({ minWidth: 0 }),
  title: css({
    ...theme.typography.bodySmall,
    fontWeight: theme.typography.fontWeightMedium,
    margin: `0 0 ${theme.spacing(0.5)}`,
  }),
  list: css({ listStyle: 'none', margin: 0, padding: 0 }),
  value: css({
    all: 'unset',
    boxSizing: 'border-box',
    position: 'relative',
    display: 'flex',
    justifyContent: 'space-between',
    gap: theme.spacing(1),
    width: '100%',
    cursor: 'pointer',
    padding: theme.spacing(0.5, 1),
    borderRadius: theme.shape.radius.default,
    fontSize: theme.typography.bodySmall.fontSize,
    '&:hover': { background: theme.colors.action.hover },
    '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}`, outlineOffset: -2 },
  }),
  chosen: css({
    background: theme.colors.action.selected,
    fontWeight: theme.typography.fontWeightMedium,
    // Secondary text on this ground is below the contrast that is asked for.
    '& > span': { color: theme.colors.text.primary },
  }),
  bar: css({
    position: 'absolute',
    left: 0,
    bottom: 0,
    height: 2,
    background: theme.colors.primary.main,
  }),
  name: css({ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }),
  pill: css({ maxWidth: 260, '& span': { overflow: 'hidden', textOverflow: 'ellipsis' } }),
  share: css({
    flex: 'none',
    whiteSpace: 'nowrap',
    color: theme.colors.text.secondary,
    fontVariantNumeric: 'tabular-nums',
  }),
});
