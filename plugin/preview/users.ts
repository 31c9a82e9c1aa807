/** Who may be signed in to the preview. */
export interface User {
  readonly id: number;
  readonly login: string;
  readonly name: string;
  readonly orgRole: 'Viewer' | 'Editor' | 'Admin';
}

export const USERS = {
  viewer: { id: 2, login: 'vera', name: 'Vera Viewer', orgRole: 'Viewer' },
  editor: { id: 3, login: 'edgar', name: 'Edgar Editor', orgRole: 'Editor' },
  admin: { id: 1, login: 'ada', name: 'Ada Admin', orgRole: 'Admin' },
  // As Grafana shows a visitor where anonymous access is on.
  anonymous: { id: 0, login: '', name: '', orgRole: 'Viewer' },
} as const satisfies Record<string, User>;

export type Role = keyof typeof USERS;
export const isRole = (text: string | null | undefined): text is Role => text != null && text in USERS;
