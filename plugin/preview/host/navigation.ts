import { boot } from './boot';

const ROLES = ['Viewer', 'Editor', 'Admin'];

/** The pages that the user's role may see in the navigation: an anonymous visitor has the role Viewer. */
export const pages = boot.meta.includes.filter(
  ({ type, addToNav, role = 'Viewer' }) =>
    type === 'page' && addToNav && ROLES.indexOf(boot.user.orgRole) >= ROLES.indexOf(role),
);
