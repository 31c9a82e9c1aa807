import { css } from '@emotion/css';
import { type GrafanaTheme2, type PanelPlugin, PanelOptionsEditorBuilder } from '@grafana/data';
import { Field, useStyles2 } from '@grafana/ui';
import lodash from 'lodash';

type Options = Record<string, unknown>;

interface Props {
  plugin: PanelPlugin;
  options: Options;
  onChange: (options: Options) => void;
}

/** The options that a panel declares, as its editor in Grafana lists them. */
export function OptionsForm({ plugin, options, onChange }: Props) {
  const styles = useStyles2(getStyles);
  const context = { data: [], options };
  const builder = new PanelOptionsEditorBuilder<Options>();
  plugin.getPanelOptionsSupplier()(builder, context);
  const shown = builder.getItems().filter((item) => item.showIf?.(options) ?? true);
  return (
    <div className={styles.form}>
      {shown.map((item) => {
        const Editor = item.editor;
        const value: unknown = lodash.get(options, item.path);
        return (
          <Field
            key={item.path}
            label={item.name}
            description={item.description}
            htmlFor={`option-${item.path}`}
            noMargin
          >
            <Editor
              value={value}
              onChange={(next: unknown) => onChange(lodash.set(lodash.cloneDeep(options), item.path, next))}
              item={item as never}
              context={context}
            />
          </Field>
        );
      })}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  form: css({
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(260px, 1fr))',
    gap: theme.spacing(2),
    padding: theme.spacing(2),
    border: `1px solid ${theme.colors.border.weak}`,
  }),
});
