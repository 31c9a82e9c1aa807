// The preview beside an exporter that runs already:
//
//   node plugin/preview/main.ts --url http://localhost:9187 [--port 3000] [--read-secret-file F] [--write-secret-file F]
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startPreview } from './server.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:9187' },
    port: { type: 'string', default: '3000' },
    'read-secret-file': { type: 'string' },
    'write-secret-file': { type: 'string' },
  },
});
const secretOf = (file: string | undefined): string => (file === undefined ? '' : readFileSync(file, 'utf8').trim());
const preview = await startPreview({
  port: Number(values.port),
  jsonData: { url: values.url },
  secureJsonData: {
    readSecret: secretOf(values['read-secret-file']),
    writeSecret: secretOf(values['write-secret-file']),
  },
});
console.log(`Preview of the app: ${preview.url}  (Ctrl-C ends it)`);
