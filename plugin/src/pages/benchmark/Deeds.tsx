import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, Dropdown, Menu, useStyles2 } from '@grafana/ui';
import type { Sheet } from '@pgvigil/exporter/contract';
import React, { useState } from 'react';
import { call } from '../../api/client';
import { type Failure, toFailure } from '../../api/failure';
import { mayAs } from '../../components/action';
import { ErrorState } from '../../components/states';
import { useScope } from '../../lib/scope';
import { download } from './download';

export interface DeedsProps {
  sheet: Sheet;
  tested: string;
  onChanged: () => void;
}

/** What can be done with it: stop it, make it the baseline, take a report along. */
export function Deeds({ sheet, tested, onChanged }: DeedsProps) {
  const styles = useStyles2(getStyles);
  const { status } = useScope();
  const [failed, setFailed] = useState<{ part: string; error: Failure }>();
  const { benchmarks } = sheet;
  const last = benchmarks[benchmarks.length - 1];
  const { id, state, star, cancelRequestedBy } = last;
  const mayEdit = status !== undefined && mayAs(status.you.role, 'Editor');
  const attempt = (part: string, work: Promise<unknown>) =>
    void work.then(
      () => setFailed(undefined),
      (error: unknown) => setFailed({ part, error: toFailure(error) }),
    );
  const cancel = () =>
    attempt('Not stopped', call('POST /api/v1/benchmarks/:id/cancel', { params: { id }, body: {} }).then(onChanged));
  const setStar = () =>
    attempt(
      'Baseline',
      call('POST /api/v1/benchmarks/:id/star', { params: { id }, body: { star: !star } }).then(onChanged),
    );
  const report = (format: 'html' | 'markdown') => {
    const other = benchmarks.length === 2 ? benchmarks[0].id : undefined;
    attempt(
      'Report',
      call('GET /api/v1/benchmarks/:id/report', { params: { id }, query: { with: other, tested, format } }).then(
        download,
      ),
    );
  };
  return (
    <div>
      <div className={styles.deeds}>
        {state === 'running' && mayEdit && (
          <Button variant="destructive" fill="outline" disabled={cancelRequestedBy !== ''} onClick={cancel}>
            {cancelRequestedBy === '' ? 'Stop it, and take back what was set' : 'Stopping…'}
          </Button>
        )}
        {state === 'done' && mayEdit && benchmarks.length === 1 && (
          <Button variant="secondary" icon={star ? 'favorite' : 'star'} aria-pressed={star} onClick={setStar}>
            {star ? 'No longer the baseline' : 'Make it the baseline'}
          </Button>
        )}
        {state !== 'running' && (
          <Dropdown
            placement="bottom-end"
            overlay={
              <Menu>
                <Menu.Item label="One HTML page" onClick={() => report('html')} />
                <Menu.Item label="Markdown" onClick={() => report('markdown')} />
              </Menu>
            }
          >
            <Button variant="secondary" icon="angle-down" iconPlacement="right">
              Report
            </Button>
          </Dropdown>
        )}
      </div>
      {failed && <ErrorState {...failed} />}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  deeds: css({ display: 'flex', gap: theme.spacing(1), justifyContent: 'flex-end', flexWrap: 'wrap' }),
});
