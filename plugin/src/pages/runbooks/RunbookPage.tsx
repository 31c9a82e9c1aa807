import { Badge, LoadingPlaceholder } from '@grafana/ui';
import React from 'react';
import { useParams } from 'react-router-dom';
import { AppLink } from '../../components/link/AppLink';
import { Empty, ErrorState } from '../../components/states';
import { PLUGIN_BASE_URL } from '../../constants';
import { Markdown } from './Markdown';
import { useRunbook, useRunbookList } from './runbooks';
import { SEVERITY_COLORS } from './severity';

/** What does this alert mean, and what do I do now? */
export default function RunbookPage() {
  const { alert = '' } = useParams();
  const { data: list, error } = useRunbookList();
  if (error) return <ErrorState part="Runbooks" error={{ message: error }} />;
  if (!list) return <LoadingPlaceholder text="Loading the runbook…" />;
  const info = list.find((one) => one.alert === alert);
  if (!info)
    return (
      <Empty
        title={`There is no runbook for ${alert}`}
        action={<AppLink href={`${PLUGIN_BASE_URL}/runbooks`}>All runbooks</AppLink>}
      >
        It may belong to an alert of another version of the rules.
      </Empty>
    );
  return (
    <>
      <p>
        {info.severities.map((severity) => (
          <React.Fragment key={severity}>
            <Badge text={severity} color={SEVERITY_COLORS[severity] ?? 'blue'} />{' '}
          </React.Fragment>
        ))}
        {info.summary}
      </p>
      <Text alert={info.alert} />
    </>
  );
}

function Text({ alert }: { alert: string }) {
  const { data, error } = useRunbook(alert);
  if (error) return <ErrorState part="The runbook" error={{ message: error }} />;
  return data === undefined ? <LoadingPlaceholder text="Loading the runbook…" /> : <Markdown text={data} />;
}
