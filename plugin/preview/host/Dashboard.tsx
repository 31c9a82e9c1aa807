import { css } from '@emotion/css';
import {
  dateTime,
  EventBusSrv,
  getDefaultTimeRange,
  type GrafanaTheme2,
  LoadingState,
  type PanelPlugin,
  rangeUtil,
  type TimeRange,
} from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { Alert, Input, PanelChrome, TimeRangePicker, ToolbarButton, useStyles2 } from '@grafana/ui';
import { useEffect, useMemo, useState } from 'react';
import { useLocation } from 'react-router-dom-v5-compat';
import { boot, type PanelMeta } from './boot';
import { OptionsForm } from './OptionsForm';
import { importPlugin } from './shared';
import { interpolate, variables } from './variables';

const VARIABLES = ['target', 'database'];
const HEIGHT = 420;

/** A dashboard with the app's panels: window and variables as a dashboard gives them. */
export function Dashboard() {
  const styles = useStyles2(getStyles);
  const { search } = useLocation();
  const params = new URLSearchParams(search);
  const raw = { from: params.get('from') ?? 'now-1h', to: params.get('to') ?? 'now' };
  const range = useMemo(() => rangeOf(raw.from, raw.to), [raw.from, raw.to]);
  const move = ({ raw: { from, to } }: TimeRange) => locationService.partial({ from: textOf(from), to: textOf(to) });
  return (
    <>
      <div className={styles.bar}>
        <h1 className={styles.title}>Panels on a dashboard</h1>
        {VARIABLES.map((name) => (
          <label key={name} className={styles.variable}>
            {`$${name}`}
            <Input
              width={20}
              value={variables(search)[name]?.join(',') ?? ''}
              onChange={({ currentTarget }) =>
                locationService.partial({ [`var-${name}`]: currentTarget.value || null }, true)
              }
            />
          </label>
        ))}
        <TimeRangePicker
          value={range}
          onChange={move}
          onChangeTimeZone={() => undefined}
          onMoveBackward={() => undefined}
          onMoveForward={() => undefined}
          onZoom={() => undefined}
          isOnCanvas
        />
      </div>
      {boot.panels.map((meta, index) => (
        <OnePanel key={meta.id} id={index + 1} meta={meta} range={range} search={search} onRange={move} />
      ))}
    </>
  );
}

interface PanelFrameProps {
  id: number;
  meta: PanelMeta;
  range: TimeRange;
  /** Of the address: a changed variable draws the panel again. */
  search: string;
  onRange: (range: TimeRange) => void;
}

function OnePanel({ id, meta, range, search, onRange }: PanelFrameProps) {
  const [plugin, setPlugin] = useState<PanelPlugin>();
  const [problem, setProblem] = useState('');
  const [options, setOptions] = useState<Record<string, unknown>>({});
  const [editing, setEditing] = useState(false);
  const [width, setWidth] = useState(0);
  const [events] = useState(() => new EventBusSrv());
  useEffect(() => {
    importPlugin<PanelPlugin>(`${meta.id}/module.js`)
      .then((loaded) => {
        loaded.meta = meta as never;
        setOptions({ ...loaded.defaults, ...meta.options, ...given(meta.id) });
        setPlugin(loaded);
      })
      .catch((error: unknown) => setProblem(String(error)));
  }, [meta]);
  const styles = useStyles2(getStyles);
  const Panel = plugin?.panel;
  return (
    <section
      aria-label={meta.name}
      className={styles.panel}
      ref={(element) => element && setWidth(element.clientWidth)}
    >
      {problem && (
        <Alert severity="error" title={`${meta.name} could not be loaded`}>
          {problem}
        </Alert>
      )}
      {Panel && width > 0 && (
        <PanelChrome
          title={meta.name}
          width={width}
          height={HEIGHT}
          padding={plugin.noPadding ? 'none' : 'md'}
          loadingState={LoadingState.Done}
          actions={
            <ToolbarButton variant="canvas" onClick={() => setEditing(!editing)} aria-expanded={editing}>
              Options
            </ToolbarButton>
          }
        >
          {(innerWidth, innerHeight) => (
            <Panel
              key={search}
              id={id}
              title={meta.name}
              data={{ state: LoadingState.Done, series: [], timeRange: range }}
              timeRange={range}
              timeZone="browser"
              options={options}
              onOptionsChange={setOptions}
              fieldConfig={{ defaults: {}, overrides: [] }}
              onFieldConfigChange={() => undefined}
              transparent={false}
              width={innerWidth}
              height={innerHeight}
              renderCounter={1}
              eventBus={events}
              replaceVariables={(text, _scoped, format) => interpolate(text, format)}
              onChangeTimeRange={({ from, to }) => onRange(rangeOf(String(from), String(to)))}
            />
          )}
        </PanelChrome>
      )}
      {plugin && editing && <OptionsForm plugin={plugin} options={options} onChange={setOptions} />}
    </section>
  );
}

/** Options may be given in the address, as JSON by the panel's id: a test or a link sets them so. */
function given(id: string): Record<string, unknown> {
  const text = new URLSearchParams(window.location.search).get(`options-${id}`);
  return text === null ? {} : (JSON.parse(text) as Record<string, unknown>);
}

function rangeOf(from: string, to: string): TimeRange {
  const absolute = (text: string) => dateTime(/^\d+$/.test(text) ? Number(text) : text);
  if (!from.includes('now'))
    return { from: absolute(from), to: absolute(to), raw: { from: absolute(from), to: absolute(to) } };
  return rangeUtil.convertRawToRange({ from, to }) ?? getDefaultTimeRange();
}

const textOf = (time: TimeRange['raw']['from']) => (typeof time === 'string' ? time : String(time.valueOf()));

const getStyles = (theme: GrafanaTheme2) => ({
  bar: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(2),
    marginBottom: theme.spacing(2),
  }),
  title: css({ fontSize: theme.typography.h3.fontSize, marginRight: 'auto', marginBottom: 0 }),
  variable: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(1) }),
  panel: css({ marginBottom: theme.spacing(2) }),
});
