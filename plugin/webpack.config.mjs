// create-plugin's own configuration, which stays as generated, and what it leaves out.
import CopyWebpackPlugin from 'copy-webpack-plugin';
import grafanaConfig from './.config/webpack/webpack.config.ts';
import { RunbookIndex } from './webpack.runbooks.mjs';

const RUNBOOKS = '../../alerts/runbooks';

export default async function config(env) {
  const base = await grafanaConfig(env);
  const files = new CopyWebpackPlugin({
    patterns: [
      // It copies the app's logo, but not those of the panels in it.
      { from: 'panels/*/img/*', to: '.' },
      { from: `${RUNBOOKS}/*.md`, to: 'runbooks/[name][ext]' },
    ],
  });
  return { ...base, plugins: [...base.plugins, files, new RunbookIndex('../alerts')] };
}
