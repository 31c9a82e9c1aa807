import React from 'react';
import { locationService } from '@grafana/runtime';
import { act, fireEvent, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {
  type Column,
  DataTable,
  type DataTableProps,
  fitting,
  Pager,
  SearchBox,
  toggleColumn,
  visibleColumns,
} from './index';

interface Item {
  name: string;
  seconds: number | null;
  bytes: number | null;
}
const ROWS: Item[] = [
  { name: 'a', seconds: 0.001, bytes: 8192 },
  { name: 'b "🎵"', seconds: 0.002, bytes: null },
  { name: 'c', seconds: null, bytes: 0 },
];
const COLUMNS: Column<Item>[] = [
  { id: 'name', title: 'Name', always: true, sort: 'name', cell: (row) => row.name },
  {
    id: 'mean',
    title: 'Mean',
    sort: 'mean',
    quantity: 'seconds',
    value: (row) => row.seconds,
    unknown: () => 'No call in this window.',
  },
  { id: 'size', title: 'Size', quantity: 'bytes', value: (row) => row.bytes, hidden: true },
];
const table = (more: Partial<DataTableProps<Item>> = {}) => (
  <DataTable label="Items" columns={COLUMNS} rows={ROWS} rowKey={(row: Item) => row.name} {...more} />
);
const header = (name: string) => screen.getByRole('columnheader', { name: new RegExp(name) });

describe('order', () => {
  it('asks the server: the largest number first, then the other way', async () => {
    const onSort = jest.fn();
    const { rerender } = render(table({ onSort, sort: { by: 'name', order: 'asc' } }));
    expect(header('Name')).toHaveAttribute('aria-sort', 'ascending');
    await userEvent.click(screen.getByRole('button', { name: /Mean/ }));
    expect(onSort).toHaveBeenLastCalledWith({ by: 'mean', order: 'desc' });
    rerender(table({ onSort, sort: { by: 'mean', order: 'desc' } }));
    expect(header('Mean')).toHaveAttribute('aria-sort', 'descending');
    expect(header('Name')).not.toHaveAttribute('aria-sort');
    await userEvent.click(screen.getByRole('button', { name: /Mean/ }));
    expect(onSort).toHaveBeenLastCalledWith({ by: 'mean', order: 'asc' });
  });
  it('offers none for a column that the server cannot order by', () => {
    render(table({ onSort: jest.fn() }));
    expect(within(header('Size')).queryByRole('button')).toBeNull();
  });
});

describe('cells', () => {
  it('puts a column in one unit, named in its title', () => {
    render(table());
    expect(header('Mean')).toHaveTextContent('Meanms');
    expect(screen.getByRole('cell', { name: '1' })).toBeInTheDocument();
  });
  it('tells unknown with its reason from what does not apply', () => {
    render(table());
    expect(screen.getByRole('cell', { name: /^unknown ?: No call in this window.$/ })).toBeInTheDocument();
    expect(screen.getByRole('cell', { name: '–' })).toBeInTheDocument();
  });
});

describe('rows', () => {
  const rowHref = (row: Item) => `/a/app/items?name=${encodeURIComponent(row.name)}`;
  it('are links, as a whole too', async () => {
    render(table({ rowHref }));
    expect(screen.getByRole('link', { name: 'b "🎵"' })).toHaveAttribute('href', rowHref(ROWS[1]));
    await userEvent.click(screen.getByRole('cell', { name: '8' }));
    expect(locationService.getLocation().search).toBe('?name=a');
  });
  it('leave a click on a button to the button', async () => {
    const onOpen = jest.fn();
    const press = jest.fn();
    render(table({ onOpen, rowActions: (row) => <button onClick={press}>Vacuum {row.name}…</button> }));
    await userEvent.click(screen.getByRole('button', { name: 'Vacuum c…' }));
    expect(press).toHaveBeenCalledTimes(1);
    expect(onOpen).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole('button', { name: 'c' }));
    expect(onOpen).toHaveBeenCalledWith(ROWS[2]);
  });
  it('are walked through with arrows, Home and End', async () => {
    render(table({ rowHref }));
    const links = screen.getAllByRole('link');
    links[0].focus();
    await userEvent.keyboard('{ArrowUp}{ArrowDown}');
    expect(links[1]).toHaveFocus();
    await userEvent.keyboard('{End}{ArrowDown}');
    expect(links[2]).toHaveFocus();
    await userEvent.keyboard('{Home}');
    expect(links[0]).toHaveFocus();
    await userEvent.keyboard('{ArrowDown}{Enter}');
    expect(locationService.getLocation().search).toBe(`?name=${encodeURIComponent('b "🎵"')}`);
  });
});

describe('states', () => {
  it('keeps its layout while loading', () => {
    render(table({ rows: undefined, skeletonRows: 7, totals: 'nothing yet' }));
    expect(screen.getByRole('table')).toHaveAttribute('aria-busy', 'true');
    expect(screen.getAllByRole('columnheader')).toHaveLength(3);
    expect(document.querySelectorAll('tbody tr')).toHaveLength(7);
    expect(screen.queryByText('nothing yet')).toBeNull();
  });
  it('keeps old rows, greyed, while a newer answer is on its way', () => {
    render(table({ stale: true }));
    expect(screen.getByRole('table')).toHaveAttribute('aria-busy', 'true');
    expect(screen.getByText('a')).toBeInTheDocument();
  });
  it('says what would be here', () => {
    render(table({ rows: [], empty: 'Nothing found', totals: '0' }));
    expect(screen.getByText('Nothing found')).toBeInTheDocument();
    expect(screen.queryByText('0')).toBeNull();
  });
});

describe('column chooser', () => {
  const ids = (chosen: string) => visibleColumns(COLUMNS, chosen).map((column) => column.id);
  it('shows the default ones where the address names none', () => expect(ids('')).toEqual(['name', 'mean']));
  it('keeps the columns’ own order and ignores names it does not know', () => {
    expect(ids('size,mean,nonsense')).toEqual(['name', 'mean', 'size']);
  });
  it('forgets the choice when it is the default again', () => {
    const chosen = toggleColumn(COLUMNS, '', 'size');
    expect(chosen).toBe('mean,size');
    expect(toggleColumn(COLUMNS, chosen, 'size')).toBe('');
  });
  it('can switch off all but the first', () => {
    expect(ids(toggleColumn(COLUMNS, '', 'mean'))).toEqual(['name']);
  });
  it('gives way where the list is narrow, unless chosen', () => {
    const columns = COLUMNS.map((column) => (column.id === 'mean' ? { ...column, from: 600 } : column));
    const shown = (width: number, chosen = '') => visibleColumns(fitting(columns, width), chosen).map(({ id }) => id);
    expect(shown(0)).toEqual(ids(''));
    expect(shown(600)).toEqual(ids(''));
    expect(shown(599)).toEqual(ids('').filter((id) => id !== 'mean'));
    expect(shown(599, 'mean')).toContain('mean');
    // Chosen in a narrow list, it is more than the usual ones, and the address says so.
    expect(toggleColumn(fitting(columns, 599), '', 'mean')).toContain('mean');
  });
});

describe('search', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());
  it('asks once typing rests, and at once on Enter', () => {
    const onSearch = jest.fn();
    render(<SearchBox label="Search items" value="" onSearch={onSearch} />);
    const box = screen.getByRole('searchbox', { name: 'Search items' });
    fireEvent.change(box, { target: { value: 'tra' } });
    fireEvent.change(box, { target: { value: 'tracks ' } });
    expect(onSearch).not.toHaveBeenCalled();
    act(() => jest.advanceTimersByTime(1000));
    expect(onSearch.mock.calls).toEqual([['tracks']]);
    fireEvent.keyDown(box, { key: 'Escape' });
    act(() => jest.advanceTimersByTime(0));
    expect(onSearch).toHaveBeenLastCalledWith('');
    expect(box).toHaveValue('');
  });
  it('does not undo what was typed when its own search comes back through the address', () => {
    const box = () => screen.getByRole('searchbox');
    const { rerender } = render(<SearchBox label="Search" value="" onSearch={jest.fn()} />);
    fireEvent.change(box(), { target: { value: 'ab' } });
    act(() => jest.advanceTimersByTime(1000));
    fireEvent.change(box(), { target: { value: 'abc' } });
    rerender(<SearchBox label="Search" value="ab" onSearch={jest.fn()} />);
    expect(box()).toHaveValue('abc');
    rerender(<SearchBox label="Search" value="from a link" onSearch={jest.fn()} />);
    expect(box()).toHaveValue('from a link');
  });
  it('is reached with / unless something else is being typed', async () => {
    jest.useRealTimers();
    render(
      <>
        <textarea aria-label="other" />
        <SearchBox label="Search items" value="" onSearch={jest.fn()} />
      </>,
    );
    await userEvent.type(screen.getByRole('textbox', { name: 'other' }), 'a/b');
    expect(screen.getByRole('textbox', { name: 'other' })).toHaveValue('a/b');
    act(() => (document.activeElement as HTMLElement).blur());
    await userEvent.keyboard('/');
    expect(screen.getByRole('searchbox')).toHaveFocus();
    expect(screen.getByRole('searchbox')).toHaveValue('');
  });
});

describe('pages', () => {
  it('goes back and forth within its bounds', async () => {
    const onPage = jest.fn();
    const { rerender } = render(<Pager noun="statement" page={2} pageSize={50} total={120} onPage={onPage} />);
    expect(screen.getByText('51–100 of 120 statements')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Next' }));
    expect(onPage).toHaveBeenLastCalledWith(3);
    await userEvent.click(screen.getByRole('button', { name: 'Previous' }));
    expect(onPage).toHaveBeenLastCalledWith(1);
    rerender(<Pager noun="statement" page={3} pageSize={50} total={120} onPage={onPage} />);
    expect(screen.getByRole('button', { name: 'Next' })).toBeDisabled();
    rerender(<Pager noun="index" nouns="indexes" page={1} pageSize={50} total={2} onPage={onPage} />);
    expect(screen.getByText('2 indexes')).toBeInTheDocument();
    expect(screen.queryByRole('button')).toBeNull();
  });
});
