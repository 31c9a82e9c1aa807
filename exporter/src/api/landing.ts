/** The page at `/`: what this is and where to go. */
export function landingPage(version: string, telemetryPath: string, targets: readonly string[]): string {
  const probes = targets
    .map((name) => `<li><a href="/probe?target=${encodeURIComponent(name)}">/probe?target=${escapeHtml(name)}</a></li>`)
    .join('\n      ');
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>pgvigil</title>
    <style>
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }
      @media (prefers-color-scheme: dark) { body { background: #111217; color: #ccccdc; } a { color: #6e9fff; } }
    </style>
  </head>
  <body>
    <h1>pgvigil</h1>
    <p>PostgreSQL and PgBouncer into Prometheus, version ${escapeHtml(version)}.</p>
    <ul>
      <li><a href="${escapeHtml(telemetryPath)}">${escapeHtml(telemetryPath)}</a>: metrics of every target</li>
      ${probes}
      <li><a href="/sd">/sd</a>: the targets, for Prometheus' HTTP service discovery</li>
      <li><a href="/openapi.json">/openapi.json</a>: the API below /api/v1, for the Grafana app and for scripts</li>
      <li><a href="/-/healthy">/-/healthy</a>: the process runs</li>
      <li><a href="/-/ready">/-/ready</a>: it takes scrapes (not while shutting down)</li>
    </ul>
  </body>
</html>
`;
}

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
