/** What the server puts into the page, before anything of Grafana's packages is evaluated: they read it at once. */
export interface Boot {
  readonly role: Role;
  readonly theme: 'light' | 'dark';
  readonly user: { id: number; login: string; name: string; orgRole: 'Viewer' | 'Editor' | 'Admin' };
  /** The app's settings as the browser may see them, and its plugin.json. */
  readonly meta: AppMeta;
  /** The plugin.json of its panels. */
  readonly panels: readonly PanelMeta[];
}
export type Role = 'viewer' | 'editor' | 'admin' | 'anonymous';

interface PluginMeta {
  readonly id: string;
  readonly name: string;
  readonly info: { version: string; description: string; logos: { small: string; large: string } };
}
export interface AppMeta extends PluginMeta {
  readonly includes: readonly {
    type: string;
    name: string;
    path: string;
    icon?: string;
    role?: string;
    addToNav?: boolean;
  }[];
  readonly enabled: boolean;
  readonly pinned: boolean;
  readonly jsonData: Record<string, unknown>;
  readonly secureJsonFields: Record<string, boolean>;
}
export interface PanelMeta extends PluginMeta {
  readonly path: string;
  /** As somebody would have set them in the panel's editor. */
  readonly options: Readonly<Record<string, unknown>>;
}

declare global {
  interface Window {
    previewBoot: Boot;
    grafanaBootData: unknown;
    __grafana_public_path__: string;
  }
}

export const boot = window.previewBoot;
const { user, theme, meta } = boot;

window.__grafana_public_path__ = '/public/';
window.grafanaBootData = {
  settings: {
    appSubUrl: '',
    appUrl: `${window.location.origin}/`,
    buildInfo: { version: 'preview', commit: '', env: 'production', edition: 'Open Source', hideVersion: false },
    featureToggles: {},
    datasources: {},
    apps: {},
    panels: {},
    namespace: 'default',
    licenseInfo: { enabledFeatures: {} },
    unifiedAlerting: {},
    theme2: undefined,
  },
  user: {
    id: user.id,
    uid: `u${user.id}`,
    isSignedIn: user.id !== 0,
    login: user.login,
    name: user.name,
    email: '',
    orgId: 1,
    orgName: 'Main Org.',
    orgRole: user.orgRole,
    theme,
    timezone: 'browser',
    weekStart: 'browser',
    language: 'en-US',
    regionalFormat: 'en-US',
    permissions: { 'plugins.app:access': [`plugins:id:${meta.id}`] },
    isGrafanaAdmin: user.orgRole === 'Admin',
  },
  navTree: [],
  assets: { light: '', dark: '' },
};
