/** Requests to the API through the proxy without a page: as a script of that role would send them. */
import type { Role } from '../preview/users.ts';
import type { App } from './support.ts';

/** How long a test waits for what should be on the page by then. */
export const PATIENCE_MS = 30_000;

/** @returns the status. */
export async function ask(app: App, role: Role, path: string, body: unknown): Promise<number> {
  const { grafana } = app;
  const authorization = grafana?.authorization(role);
  const who: Record<string, string> = grafana
    ? { ...(authorization && { Authorization: authorization }) }
    : { Cookie: `pgvigil_preview=${role}.dark` };
  const response = await fetch(`${app.url}/api/plugin-proxy/pgvigil-database-app/api/v1/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...who },
    body: JSON.stringify(body),
  });
  await response.arrayBuffer();
  return response.status;
}
