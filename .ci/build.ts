// Builds the exporter into exporter/dist: one runnable package (`npm pack -w exporter` makes the tarball); and the Grafana
// app into plugin/dist, with a zip of it to install.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { releasePlugin } from './plugin.ts';

const root = join(import.meta.dirname, '..');
const exporter = join(root, 'exporter');
rmSync(join(exporter, 'dist'), { recursive: true, force: true });
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
execFileSync(process.execPath, [tsc, '-p', join(exporter, 'tsconfig.build.json')], { stdio: 'inherit' });
chmodSync(join(exporter, 'dist', 'bin.js'), 0o755);
// What `pgvigil sql` installs lies beside its code.
cpSync(join(root, 'sql'), join(exporter, 'dist', 'sql'), {
  recursive: true,
  filter: (path) => !path.endsWith('.md'),
});
// The workloads that come along lie beside the code that reads them.
const shipped = join('benchmark', 'workload', 'shipped');
cpSync(join(exporter, 'src', shipped), join(exporter, 'dist', shipped), { recursive: true });
copyFileSync(join(root, 'LICENSE'), join(exporter, 'LICENSE'));

// A build that does not start is no build.
execFileSync(process.execPath, [join(exporter, 'dist', 'bin.js'), '--version'], { stdio: 'inherit' });

for (const line of await releasePlugin()) console.log(line);
