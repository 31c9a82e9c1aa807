/** Editors of panel options. Grafana brings its own; these are enough to try the options out. */
import type { StandardEditorProps, StandardEditorsRegistryItem } from '@grafana/data';
import { Combobox, type ComboboxOption, Input, MultiCombobox, Switch } from '@grafana/ui';
import type { ComponentType } from 'react';

interface Settings {
  options?: ComboboxOption[];
  placeholder?: string;
}
type Props<T> = StandardEditorProps<T, Settings>;

/** Of a panel's option the item has its path, which the type leaves out. */
const idOf = (item: object) => `option-${(item as { path: string }).path}`;
const choices = (item: { settings?: Settings }) =>
  (item.settings?.options ?? []).map(({ value, label }) => ({ value, label }));

const Text = (props: Props<string>) => (
  <Input
    id={idOf(props.item)}
    value={props.value ?? ''}
    placeholder={props.item.settings?.placeholder}
    onChange={({ currentTarget }) => props.onChange(currentTarget.value)}
  />
);
const Count = (props: Props<number>) => (
  <Input
    id={idOf(props.item)}
    type="number"
    value={props.value ?? ''}
    onChange={({ currentTarget }) =>
      props.onChange(currentTarget.value === '' ? undefined : Number(currentTarget.value))
    }
  />
);
const Toggle = (props: Props<boolean>) => (
  <Switch id={idOf(props.item)} value={props.value ?? false} onChange={() => props.onChange(!props.value)} />
);
const Choice = (props: Props<string>) => (
  <Combobox
    id={idOf(props.item)}
    options={choices(props.item)}
    value={props.value ?? null}
    onChange={({ value }) => props.onChange(value)}
  />
);
const Choices = (props: Props<string[]>) => (
  <MultiCombobox
    id={idOf(props.item)}
    options={choices(props.item)}
    value={props.value ?? []}
    onChange={(chosen) => props.onChange(chosen.map(({ value }) => value))}
  />
);
/** Between commas. */
const Strings = (props: Props<string[]>) => (
  <Input
    id={idOf(props.item)}
    value={(props.value ?? []).join(', ')}
    onChange={({ currentTarget }) => props.onChange(currentTarget.value.split(/\s*,\s*/))}
  />
);

const item = (id: string, editor: unknown): StandardEditorsRegistryItem => ({
  id,
  name: id,
  editor: editor as ComponentType<StandardEditorProps>,
});

export const editors: StandardEditorsRegistryItem[] = [
  item('text', Text),
  item('number', Count),
  item('slider', Count),
  item('boolean', Toggle),
  item('select', Choice),
  item('radio', Choice),
  item('multi-select', Choices),
  item('strings', Strings),
];
