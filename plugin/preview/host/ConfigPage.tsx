import { type AppPlugin, PluginContextProvider } from '@grafana/data';
import { Tab, TabContent, TabsBar } from '@grafana/ui';
import { boot } from './boot';

/** Grafana's page of a plugin, with the app's own tab. */
export function ConfigPage({ plugin }: { plugin: AppPlugin }) {
  if (boot.user.orgRole !== 'Admin') return <p role="alert">Only an Admin may see the settings of an app.</p>;
  const [page] = plugin.configPages ?? [];
  const Body = page.body;
  return (
    <PluginContextProvider meta={boot.meta as never}>
      <h1>{boot.meta.name}</h1>
      <TabsBar>
        <Tab label={page.title} active onChangeTab={() => undefined} />
      </TabsBar>
      <TabContent>
        <Body plugin={plugin as never} query={{}} />
      </TabContent>
    </PluginContextProvider>
  );
}
