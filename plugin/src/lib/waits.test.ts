import { createTheme } from '@grafana/data';
import { splitWait, waitColour, waitTitle } from './waits';

it('splits a wait into class and event', () => {
  expect(splitWait('CPU')).toEqual({ type: 'CPU', event: '' });
  expect(splitWait('IO:DataFileRead')).toEqual({ type: 'IO', event: 'DataFileRead' });
  expect(splitWait('Extension:a:b')).toEqual({ type: 'Extension', event: 'a:b' });
});
it('names it', () => {
  expect(waitTitle('CPU', '')).toBe('CPU');
  expect(waitTitle('CPU', 'CPU')).toBe('CPU');
  expect(waitTitle('Lock', 'transactionid')).toBe('Lock · transactionid');
});
it.each(['dark', 'light'] as const)('tells the classes apart in the %s theme', (mode) => {
  const theme = createTheme({ colors: { mode } });
  const classes = [
    'CPU',
    'IO',
    'Lock',
    'LWLock',
    'Client',
    'IPC',
    'Timeout',
    'Extension',
    'Activity',
    'from PostgreSQL 25',
  ];
  expect(new Set(classes.map((type) => waitColour(type, theme))).size).toBe(classes.length);
});
