import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import '../action/testing/layout';
import { SideDrawer } from './SideDrawer';

it('closes at the first Escape, but leaves it to an open list', async () => {
  const close = jest.fn();
  render(
    <SideDrawer title="Job" onClose={close}>
      <button aria-expanded="true">list</button>
      <button>other</button>
    </SideDrawer>,
  );
  screen.getByText('list').focus();
  await userEvent.keyboard('{Escape}');
  const byList = close.mock.calls.length;
  screen.getByText('other').focus();
  await userEvent.keyboard('{Escape}');
  expect(close.mock.calls.length).toBe(byList + 1);
});

it('leaves Escape to a dialog over it', async () => {
  const close = jest.fn();
  render(
    <SideDrawer title="Session" onClose={close}>
      <span>inside</span>
    </SideDrawer>,
  );
  const dialog = document.createElement('div');
  dialog.setAttribute('role', 'dialog');
  dialog.innerHTML = '<input aria-label="over it" />';
  document.body.append(dialog);
  dialog.querySelector('input')!.focus();
  await userEvent.keyboard('{Escape}');
  expect(close).not.toHaveBeenCalled();
  dialog.remove();
});
