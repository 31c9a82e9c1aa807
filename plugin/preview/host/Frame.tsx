import { css, type CSSObject } from '@emotion/css';
import type { GrafanaTheme2, IconName } from '@grafana/data';
import { Icon, RadioButtonGroup, useStyles2 } from '@grafana/ui';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'react-router-dom-v5-compat';
import { boot, type Role } from './boot';
import { pages } from './navigation';

const ROLES: { value: Role; label: string }[] = [
  { value: 'viewer', label: 'Viewer' },
  { value: 'editor', label: 'Editor' },
  { value: 'admin', label: 'Admin' },
  { value: 'anonymous', label: 'Anonymous' },
];
const THEMES = [
  { value: 'light' as const, label: 'Light' },
  { value: 'dark' as const, label: 'Dark' },
];

/** Who is signed in is a cookie of the preview's server: the page is loaded again with it. */
async function change(session: Partial<{ role: string; theme: string }>) {
  await fetch('/preview/session', { method: 'POST', body: JSON.stringify(session) });
  window.location.reload();
}

/** Looks as Grafana does around an app, and says that it is not Grafana. */
export function Frame({ children }: { children: ReactNode }) {
  const styles = useStyles2(getStyles);
  const { pathname, search } = useLocation();
  const scope = scopeOf(search);
  const links = [...pages, { name: 'Panels on a dashboard', path: '/d/preview', icon: 'apps' }];
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <span>
          <strong>Preview.</strong> Runs the built app without Grafana; Grafana&apos;s own login, proxy and dashboards
          are imitated.
        </span>
        <div className={styles.switches}>
          <RadioButtonGroup
            aria-label="Signed in as"
            size="sm"
            options={ROLES}
            value={boot.role}
            onChange={(role) => void change({ role })}
          />
          <RadioButtonGroup
            aria-label="Theme"
            size="sm"
            options={THEMES}
            value={boot.theme}
            onChange={(theme) => void change({ theme })}
          />
        </div>
      </header>
      <nav aria-label="Navigation" className={styles.nav}>
        <div className={styles.brand}>
          <img src={`/public/plugins/${boot.meta.id}/${boot.meta.info.logos.small}`} alt="" width={24} height={24} />
          {boot.meta.name}
        </div>
        {links.map(({ name, path, icon }) => (
          <Link
            key={path}
            to={path.startsWith('/a/') ? path + scope : path}
            className={pathname === path || pathname.startsWith(`${path}/`) ? styles.current : styles.link}
            aria-current={pathname === path ? 'page' : undefined}
          >
            <Icon name={(icon ?? 'file-alt') as IconName} /> {name}
          </Link>
        ))}
      </nav>
      <main className={styles.main}>{children}</main>
    </div>
  );
}

/** Grafana's navigation keeps nothing of the address; ours keeps target and window, which is kinder to a demonstration. */
function scopeOf(search: string): string {
  const kept = [...new URLSearchParams(search)].filter(([name]) => ['target', 'database', 'from', 'to'].includes(name));
  return kept.length === 0 ? '' : `?${new URLSearchParams(kept).toString()}`;
}

const getStyles = (theme: GrafanaTheme2) => {
  const link: CSSObject = {
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(1),
    padding: theme.spacing(0.75, 1.5),
    borderLeft: '3px solid transparent',
    color: theme.colors.text.secondary,
    '&:hover': { color: theme.colors.text.primary, background: theme.colors.action.hover },
  };
  return {
    page: css({
      display: 'grid',
      gridTemplate: '"header header" auto "nav main" 1fr / 220px minmax(0, 1fr)',
      minHeight: '100vh',
      background: theme.colors.background.primary,
    }),
    header: css({
      gridArea: 'header',
      display: 'flex',
      flexWrap: 'wrap',
      justifyContent: 'space-between',
      alignItems: 'center',
      gap: theme.spacing(1),
      padding: theme.spacing(0.5, 2),
      background: theme.colors.background.secondary,
      borderBottom: `1px solid ${theme.colors.border.weak}`,
      color: theme.colors.text.secondary,
      fontSize: theme.typography.bodySmall.fontSize,
    }),
    switches: css({ display: 'flex', gap: theme.spacing(1) }),
    nav: css({ gridArea: 'nav', paddingTop: theme.spacing(2), borderRight: `1px solid ${theme.colors.border.weak}` }),
    brand: css({
      display: 'flex',
      alignItems: 'center',
      gap: theme.spacing(1),
      padding: theme.spacing(0, 2, 1.5),
      fontSize: theme.typography.h5.fontSize,
      fontWeight: theme.typography.fontWeightMedium,
    }),
    link: css(link),
    current: css(link, {
      borderLeftColor: theme.colors.warning.main,
      color: theme.colors.text.primary,
      background: theme.colors.action.selected,
    }),
    main: css({ gridArea: 'main', padding: theme.spacing(2, 3, 4) }),
  };
};
