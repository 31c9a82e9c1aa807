/** Loads module.js as Grafana does: anonymous AMD through SystemJS, with these packages given and not bundled. */
import 'systemjs/dist/system.js';
import 'systemjs/dist/extras/amd.js';
import 'systemjs/dist/extras/named-register.js';
import * as emotion from '@emotion/css';
import * as emotionReact from '@emotion/react';
import * as grafanaData from '@grafana/data';
import * as grafanaRuntime from '@grafana/runtime';
import * as grafanaUi from '@grafana/ui';
import i18next from 'i18next';
import lodash from 'lodash';
import moment from 'moment';
import React from 'react';
import ReactDOM from 'react-dom';
import * as jsxRuntime from 'react/jsx-runtime';
import * as router5 from 'react-router-dom';
import * as routerCompat from 'react-router-dom-v5-compat';
import * as rxjs from 'rxjs';
import * as rxjsOperators from 'rxjs/operators';

/** CommonJS in Grafana's build: an import gets the module itself as `default`. */
const commonJs = (module: object) => ({ ...module, default: module, __useDefault: true });

/** What Grafana 12.3 to 13.1 shares of what this app imports, under Grafana's names. */
const SHARED: Record<string, object> = {
  '@emotion/css': emotion,
  '@emotion/react': emotionReact,
  '@grafana/data': grafanaData,
  '@grafana/runtime': grafanaRuntime,
  '@grafana/ui': grafanaUi,
  i18next: { ...i18next, default: i18next },
  lodash: commonJs(lodash),
  moment: commonJs(moment),
  react: commonJs(React),
  'react-dom': commonJs(ReactDOM),
  'react/jsx-runtime': jsxRuntime,
  // Version 6 by that name, version 5 by the other: as Grafana has them.
  'react-router': routerCompat,
  'react-router-dom': router5,
  rxjs,
  'rxjs/operators': rxjsOperators,
};

interface Loader {
  set(id: string, module: object): void;
  addImportMap(map: { imports: Record<string, string> }): void;
  import(url: string): Promise<Record<string, unknown>>;
  constructor: { prototype: { shouldFetch: () => boolean } };
}

const loader = System as unknown as Loader;

/** After the services are set: the loader copies what the packages export at this moment. */
export function sharePackages(): void {
  const imports: Record<string, string> = {};
  for (const [name, module] of Object.entries(SHARED)) {
    imports[name] = `package:${name}`;
    loader.set(`package:${name}`, module);
  }
  loader.addImportMap({ imports });
  // Fetched and evaluated: with script tags an anonymous module could be taken for another that arrives at the same time.
  loader.constructor.prototype.shouldFetch = () => true;
}

/** @returns what module.js exports as `plugin`. */
export async function importPlugin<T>(path: string): Promise<T> {
  const module = await loader.import(`${window.location.origin}/public/plugins/${path}`);
  return (module.plugin ?? (module.default as { plugin: T }).plugin) as T;
}
