/** What works of the configuration as it is saved, what does not, and the cure: asked through Grafana, as pages ask. */
import type { Status, Target } from '@pgvigil/exporter/contract';
import { call } from '../../api/client';
import { type Failure, toFailure } from '../../api/failure';
import { formatDuration } from '../../lib/time';

export interface Finding {
  readonly title: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly message: string;
  /** Empty when there is nothing to do. */
  readonly cure: string;
}

export interface TestResult {
  readonly findings: readonly Finding[];
  /** Names of the targets, for choosing one. */
  readonly targets: readonly string[];
}

/** No job has it: asked to cancel it, the exporter looks at the secret and at nothing else. */
const NO_JOB = '00000000-0000-0000-0000-000000000000';

/** @param hasWriteSecret whether one is saved in Grafana. */
export async function testConnection(url: string, hasWriteSecret: boolean, signal?: AbortSignal): Promise<TestResult> {
  let status: Status;
  try {
    status = await call('GET /api/v1/status', {}, signal);
  } catch (error) {
    return { findings: [unreachable(url, toFailure(error))], targets: [] };
  }
  const findings: Finding[] = [
    {
      title: 'Exporter',
      state: 'ok',
      message: `pgvigil ${status.version} answers at ${url}. It takes you for ${status.you.login || 'anonymous'}, ${status.you.role}.`,
      cure: '',
    },
    stateFinding(status),
    await writeFinding(status, hasWriteSecret, signal),
  ];
  try {
    const targets = await call('GET /api/v1/targets', {}, signal);
    return { findings: [...findings, ...targets.map(targetFinding)], targets: targets.map(({ name }) => name) };
  } catch (error) {
    const { message, hint } = toFailure(error);
    return { findings: [...findings, { title: 'Targets', state: 'fail', message, cure: hint }], targets: [] };
  }
}

/** The same failure has other words here than on a page: the reader is the one who can cure it. */
function unreachable(url: string, { code, message, hint }: Failure): Finding {
  const fail = (message: string, cure: string): Finding => ({ title: 'Exporter', state: 'fail', message, cure });
  switch (code) {
    case 'unreachable':
      return fail(
        `Grafana's server cannot reach ${url}.`,
        "Is the exporter running, and listening on an address that Grafana's server can reach? In a container, localhost is the container itself.",
      );
    case 'timeout':
      return fail(`${url} does not answer in time.`, 'Look at its log, and at firewalls between Grafana and it.');
    case 'no_route':
      return fail(
        `What answers at ${url} is not pgvigil's API.`,
        'Check host, port and path; and that the exporter is not older than the app.',
      );
    case 'role_denied':
      return fail('Grafana does not let you use the app.', 'You need at least the role Viewer in this organisation.');
    case 'not_configured':
      return fail('The app is not enabled in Grafana.', 'Save the configuration: that enables it.');
    case 'forbidden':
      return fail(`The exporter refuses: ${message}`, `${hint} Here that is the field "Read secret".`);
    default:
      return fail(message, hint);
  }
}

function stateFinding({ state: { state, reason, cure } }: Status): Finding {
  const title = 'State database';
  if (state === 'on') return { title, state: 'ok', message: 'History, jobs and audit are kept.', cure: '' };
  return { title, state: state === 'off' ? 'warn' : 'fail', message: reason, cure };
}

async function writeFinding({ actions }: Status, hasWriteSecret: boolean, signal?: AbortSignal): Promise<Finding> {
  const title = 'Actions';
  if (actions.state !== 'on') {
    return { title, state: actions.state === 'off' ? 'warn' : 'fail', message: actions.reason, cure: actions.cure };
  }
  if (!hasWriteSecret) {
    const cure = 'Enter the content of --api.write-secret-file as "Write secret".';
    return {
      title,
      state: 'warn',
      message: 'No write secret is saved here: everything can be seen, nothing done.',
      cure,
    };
  }
  try {
    await call('POST /api/v1/jobs/:id/cancel', { params: { id: NO_JOB } }, signal);
  } catch (error) {
    const { code, message, hint } = toFailure(error);
    if (code === 'forbidden' || code === 'actions_off') {
      return { title, state: 'fail', message: `The exporter refuses the write secret: ${message}`, cure: hint };
    }
    // It was accepted: that there is no such job is what was to be heard.
    if (code !== 'not_found' && !code.startsWith('state_')) return { title, state: 'fail', message, cure: hint };
  }
  return { title, state: 'ok', message: 'The exporter accepts the write secret.', cure: '' };
}

function targetFinding({ name, server, up, problem, version, history, actions }: Target): Finding {
  const title = `Target ${name}`;
  if (!up) return { title, state: 'fail', message: problem, cure: 'The exporter keeps trying.' };
  const kept = history ? `history of ${formatDuration(history.days * 86_400)}` : 'no history';
  const message = `PostgreSQL ${version ?? '(version unknown)'} at ${server}, ${kept}.`;
  if (actions.state === 'on') return { title, state: 'ok', message: `${message} Actions may be run.`, cure: '' };
  return { title, state: 'warn', message: `${message} No actions: ${actions.reason}`, cure: actions.cure };
}
