// The order matters: Grafana's runtime reads its boot data when it is evaluated.
import './boot';
import { importPlugin, sharePackages } from './shared';
import type { AppPlugin } from '@grafana/data';
import { createRoot } from 'react-dom/client';
import { boot } from './boot';
import { startServices } from './services';
import { Shell } from './Shell';

startServices();
sharePackages();
const root = createRoot(document.getElementById('reactRoot')!);
importPlugin<AppPlugin>(`${boot.meta.id}/module.js`)
  .then((plugin) => {
    plugin.meta = boot.meta as never;
    plugin.init?.(boot.meta as never);
    root.render(<Shell plugin={plugin} />);
  })
  .catch((error: unknown) => {
    console.error(error);
    root.render(<p role="alert">The app could not be loaded: {String(error)}</p>);
  });
