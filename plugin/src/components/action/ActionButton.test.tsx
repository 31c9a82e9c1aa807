import { render, screen } from '@testing-library/react';
import React from 'react';
import { type Scope, ScopeContext } from '../../lib/scope';
import { ActionButton } from './ActionButton';
import { answerWith } from './testing/api';
import { scope, status, target, vacuum } from './testing/samples';

jest.mock('../../api/client');

const as = (role: 'Viewer' | 'Editor' | 'Admin'): Scope => ({
  ...scope,
  status: { ...status, you: { login: 'x', role } },
});
const show = (within: Scope, quiet = false) => {
  answerWith({ 'GET /api/v1/actions': () => ({ items: [vacuum] }) });
  return render(
    <ScopeContext.Provider value={within}>
      <ActionButton action="vacuum" target="shop" database="shop" params={{ table: 42 }} quiet={quiet} />
      <span>shown</span>
    </ScopeContext.Provider>,
  );
};
const button = () => screen.queryByRole('button');

it.each(['Editor', 'Admin'] as const)('is there for %s, with dots that mean a preview', async (role) => {
  show(as(role));
  expect(await screen.findByRole('button', { name: 'Vacuum…' })).toBeEnabled();
});

it('is not there for a viewer; one line says which role may', async () => {
  show(as('Viewer'));
  expect(await screen.findByText(/Editors and admins may use “Vacuum”/)).toBeVisible();
  expect(button()).toBeNull();
});

it('is silent where the page says it once', async () => {
  const { container } = show(as('Viewer'), true);
  await screen.findByText('shown');
  await Promise.resolve();
  expect(container).toHaveTextContent(/^shown$/);
});

it.each([
  ['the write secret', { ...scope, status: { ...status, actions: off('no write secret') } }, 'no write secret'],
  [
    'the maintenance role',
    { ...scope, info: { ...target, actions: off('no maintenance role') } },
    'no maintenance role',
  ],
  ['the state database', { ...scope, status: { ...status, state: off('no state database') } }, 'no state database'],
])('is not there without %s, and says so with the cure', async (_, within, reason) => {
  show(within);
  expect(await screen.findByText(new RegExp(`${reason} Do this.`))).toBeVisible();
  expect(button()).toBeNull();
});

function off(reason: string) {
  return { state: 'off' as const, reason: `${reason}.`.replace('..', '.').replace(/\.$/, ''), cure: 'Do this.' };
}
