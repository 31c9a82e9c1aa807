// create-plugin's own configuration, which stays as generated, and what it leaves out.
import CopyWebpackPlugin from 'copy-webpack-plugin';
import grafanaConfig from './.config/webpack/webpack.config.ts';

export default async function config(env) {
  const base = await grafanaConfig(env);
  // It copies the app's logo, but not those of the panels in it.
  const logos = new CopyWebpackPlugin({ patterns: [{ from: 'panels/*/img/*', to: '.' }] });
  return { ...base, plugins: [...base.plugins, logos] };
}
