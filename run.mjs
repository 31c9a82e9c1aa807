// Runs one of the project's programs on the pinned Node, whatever Node the machine has (>= 20),
// after installing the packages when they are missing or older than the lockfile.
// Plain JavaScript on purpose: this is the only file that an old Node has to understand.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const stamp = join(root, 'node_modules', '.pgvigil-installed');

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`Node ${process.versions.node} is too old to install the packages: use Node 20 or newer.`);
  process.exit(1);
}
installPackages();

const pinned = join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
const node = existsSync(pinned) ? pinned : process.execPath;
const child = spawn(node, process.argv.slice(2), {
  stdio: 'inherit',
  // Programs started by this one (npm scripts, the shebang of a bin) get the same Node.
  env: { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` },
});
// A terminal sends Ctrl-C to both; a supervisor sends SIGTERM to us alone, so it is passed on.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
process.on('SIGHUP', () => child.kill('SIGHUP'));
child.on('error', (error) => {
  console.error(`Cannot start ${node}: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));

/** `npm ci`, once for each state of the lockfile. */
function installPackages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.error('Installing packages (npm ci) …');
  const npm = process.env.npm_execpath;
  const [command, args] = npm ? [process.execPath, [npm]] : ['npm', []];
  execFileSync(command, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  writeFileSync(stamp, lock);
}
