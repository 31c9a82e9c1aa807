import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startPreview } from '../../plugin/preview/server.ts';
import { PANEL_OPTIONS } from '../stack.ts';
import { environment, mounted, type Running, type Start, startDaemon } from './programs.ts';

/** A Grafana of this machine where there is one; else the app alone, in its preview. */
export function startGrafana(start: Start): Promise<Running> {
  return start.grafanaHome === undefined ? startAppAlone(start) : startHome(start, start.grafanaHome);
}

function startHome(start: Start, home: string): Promise<Running> {
  const file = join(home, 'bin', 'grafana');
  if (!existsSync(file)) throw new Error(`GRAFANA_HOME: there is no ${file}`);
  const env = {
    ...environment(start),
    // The container has an address of its own.
    GF_SERVER_HTTP_ADDR: '127.0.0.1',
    GF_SERVER_HTTP_PORT: String(start.port(3000)),
  };
  return startDaemon(start, { file, args: ['server', '--homepath', home], env }, []);
}

async function startAppAlone(start: Start): Promise<Running> {
  const secret = (name: string): string => mounted(start, `/run/secrets/${name}`).trim();
  const preview = await startPreview({
    port: start.port(3000),
    jsonData: { url: environment(start).PGVIGIL_URL },
    secureJsonData: { readSecret: secret('api_read_secret'), writeSecret: secret('api_write_secret') },
    panelOptions: PANEL_OPTIONS,
  });
  return {
    pid: 0,
    restart: () => Promise.resolve(),
    halt: () => preview.close(),
    stop: () => preview.close(),
    pause: () => undefined,
    resume: () => undefined,
    log: () => Promise.resolve(''),
  };
}
