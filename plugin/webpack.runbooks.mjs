// `runbooks/index.json`: which runbooks there are, as the rule files say it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import webpack from 'webpack';
import { parse } from 'yaml';

const SUFFIX = '.rules.yml';

/** One entry for each alert that has a runbook: { alert, area, severities, summary }. */
function indexOf(folder) {
  const entries = new Map();
  for (const file of readdirSync(folder).filter((name) => name.endsWith(SUFFIX))) {
    const { groups } = parse(readFileSync(join(folder, file), 'utf8'));
    for (const { alert, labels, annotations } of groups.flatMap(({ rules }) => rules)) {
      if (alert === undefined || !existsSync(join(folder, 'runbooks', `${alert}.md`))) continue;
      const entry = entries.get(alert) ?? {
        alert,
        area: basename(file, SUFFIX),
        severities: [],
        summary: annotations.summary,
      };
      entry.severities.push(labels.severity);
      entries.set(alert, entry);
    }
  }
  return [...entries.values()];
}

export class RunbookIndex {
  #folder;

  /** @param folder of the rule files, from the plugin's. */
  constructor(folder) {
    this.#folder = resolve(import.meta.dirname, folder);
  }

  apply(compiler) {
    const name = RunbookIndex.name;
    compiler.hooks.thisCompilation.tap(name, (compilation) => {
      compilation.hooks.processAssets.tap({ name, stage: webpack.Compilation.PROCESS_ASSETS_STAGE_ADDITIONAL }, () => {
        const text = JSON.stringify(indexOf(this.#folder));
        compilation.emitAsset('runbooks/index.json', new webpack.sources.RawSource(text));
      });
    });
  }
}
