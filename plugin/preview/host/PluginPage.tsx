import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import type { PluginPageProps } from '@grafana/runtime';
import { useStyles2 } from '@grafana/ui';
import { Link, useLocation } from 'react-router-dom-v5-compat';
import { boot } from './boot';
import { pages } from './navigation';

/** Title and breadcrumbs from plugin.json's includes, or from the page itself. */
export function PluginPage({ pageNav, actions, subTitle, renderTitle, children }: PluginPageProps) {
  const styles = useStyles2(getStyles);
  const { pathname } = useLocation();
  const current = pages.find(({ path }) => pathname === path || pathname.startsWith(`${path}/`));
  const title = pageNav?.text ?? current?.name ?? boot.meta.name;
  const parent = pageNav?.parentItem;
  return (
    <div>
      {parent && (
        <nav aria-label="Breadcrumbs" className={styles.crumbs}>
          <Link to={parent.url ?? '#'}>{parent.text}</Link> / {title}
        </nav>
      )}
      <div className={styles.head}>
        <div>
          {renderTitle ? renderTitle(title) : <h1>{title}</h1>}
          {subTitle && <div className={styles.sub}>{subTitle}</div>}
        </div>
        {actions}
      </div>
      {children}
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  crumbs: css({
    color: theme.colors.text.secondary,
    marginBottom: theme.spacing(0.5),
    a: { textDecoration: 'underline' },
  }),
  head: css({
    display: 'flex',
    justifyContent: 'space-between',
    marginBottom: theme.spacing(2),
    h1: { marginBottom: 0 },
  }),
  sub: css({ color: theme.colors.text.secondary }),
});
