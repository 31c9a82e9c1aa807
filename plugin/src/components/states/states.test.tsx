import React from 'react';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Empty, ErrorState, NoPermission } from './index';

it('an error names the part, what is wrong and the cure', async () => {
  const retry = jest.fn();
  render(
    <ErrorState
      part="Statements"
      error={{ message: 'Grafana cannot reach the exporter.', hint: 'Is it running?' }}
      onRetry={retry}
    />,
  );
  expect(screen.getByRole('alert')).toHaveTextContent('Statements: Grafana cannot reach the exporter.');
  expect(screen.getByRole('alert')).toHaveTextContent('Is it running?');
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(retry).toHaveBeenCalledTimes(1);
});
it('what is not set up is no alarm', () => {
  render(
    <ErrorState
      part="Statements"
      error={{ code: 'state_missing', message: 'There is no state database.', hint: 'Set it.' }}
    />,
  );
  expect(screen.queryByRole('alert')).toBeNull();
  expect(screen.getByText('Statements: there is no state database.')).toBeInTheDocument();
  expect(screen.queryByRole('button')).toBeNull();
});
it('an empty list says what would be here and how to get it', () => {
  render(<Empty title="No statements">Run some.</Empty>);
  expect(screen.getByRole('status')).toHaveTextContent('No statementsRun some.');
});
it.each([
  ['Admin', 'Admins may vacuum it.'],
  ['Editor', 'Editors and admins may vacuum it.'],
] as const)('without the role of an %s it says who may', (role, text) => {
  render(<NoPermission role={role} deed="vacuum it" />);
  expect(screen.getByText(text)).toBeInTheDocument();
});
