#!/usr/bin/env -S node --max-semi-space-size=4 --liftoff-only
// The `pgvigil` command. A small nursery keeps 100 MB of short-lived rows out of the resident set at no cost in time.
// The parser of SQL is WebAssembly: its optimising compiler would take another 550 MB for a moment after the first use.
// Says so where the Node is too old, before anything else is loaded.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  console.error(`pgvigil needs Node 22.12 or newer; this is ${process.versions.node} (${process.execPath}).`);
  process.exit(1);
}

const { runCli } = await import('./cli/main.ts');
const { serve } = await import('./cli/serve.ts');
const { check } = await import('./cli/check.ts');
const { groups } = await import('./cli/groups.ts');
const { VERSION } = await import('./version.ts');

// `pgvigil --help | head` closes the pipe early: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  process.exitCode = await runCli({
    argv: process.argv.slice(2),
    env: process.env,
    version: VERSION,
    commands: { serve, check },
    groups,
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
} catch (error) {
  process.stderr.write(`pgvigil: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
