/** Bundles the host page: Grafana's packages as published, with SystemJS to load the app. */
import { build } from 'esbuild';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const HOST = join(import.meta.dirname, 'host');
/** Where the server looks for `host.js` and `host.css`. */
export const BUNDLE = join(import.meta.dirname, 'dist');

/** Bundles again when a source of the host or an installed package is newer than the bundle. */
export async function bundleHost(): Promise<void> {
  const output = join(BUNDLE, 'host.js');
  if (existsSync(output) && statSync(output).mtimeMs > newest()) return;
  const require = createRequire(import.meta.url);
  const ui = createRequire(require.resolve('@grafana/ui'));
  const runtime = dirname(require.resolve('@grafana/runtime/package.json'));
  await build({
    entryPoints: [join(HOST, 'main.tsx')],
    outfile: output,
    bundle: true,
    minify: true,
    jsx: 'automatic',
    target: 'es2022',
    loader: { '.svg': 'dataurl', '.woff2': 'dataurl', '.woff': 'empty', '.ttf': 'empty' },
    define: {
      'process.env.NODE_ENV': '"production"',
      // SystemJS brings a global `define`: libraries that look for it would register themselves instead of exporting.
      define: 'undefined',
    },
    alias: {
      // The copies that @grafana/ui uses: a second one would have contexts and style caches of its own.
      ...Object.fromEntries(
        ['react-router-dom', 'react-router-dom-v5-compat', '@emotion/css'].map((name) => [name, ui.resolve(name)]),
      ),
      '@grafana/runtime/__plugin_page': join(runtime, 'dist/esm/components/PluginPage.mjs'),
    },
    logLevel: 'warning',
    // Of SystemJS, whose package.json is not up to date.
    logOverride: { 'package.json': 'silent' },
  });
}

function newest(): number {
  const files = readdirSync(HOST).map((name) => join(HOST, name));
  const lock = join(import.meta.dirname, '..', '..', 'package-lock.json');
  return Math.max(...[...files, lock, import.meta.filename].filter(existsSync).map((file) => statSync(file).mtimeMs));
}
