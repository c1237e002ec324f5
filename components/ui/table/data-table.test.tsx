// @vitest-environment happy-dom
import { MantineProvider } from '@mantine/core'
import { cleanup, fireEvent, render as renderAlone, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { NuqsTestingAdapter, type OnUrlUpdateFunction } from 'nuqs/adapters/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Column, DataTable } from './data-table'
import { useSortInUrl } from './use-sort-in-url'
import { render } from '@/testing/components/render'

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

type Row = { name: string; rows: number | null }
const ROWS: Row[] = [
  { name: 'orders', rows: 5 },
  { name: 'broken', rows: null },
  { name: 'carts', rows: 70 },
]
const COLUMNS: Column<Row>[] = [
  { id: 'name', header: 'Name', cell: ({ name }) => name, sortBy: ({ name }) => name },
  { id: 'rows', header: 'Rows', align: 'end', cell: ({ rows }) => rows ?? '–', sortBy: ({ rows }) => rows },
]
const renderTable = (onOpen?: (row: Row) => void) =>
  render(
    <DataTable label="Tables" columns={COLUMNS} rows={ROWS} rowKey={({ name }) => name} {...(onOpen && { onOpen })} />,
  )
const names = () =>
  screen
    .getAllByRole('row')
    .slice(1)
    .map((row) => row.querySelector('td')?.textContent)

describe('Sorting', () => {
  it('sorts numbers from the largest first, keeps unknown values last, and exposes the direction', async () => {
    renderTable()
    await userEvent.click(screen.getByRole('button', { name: 'Rows' }))
    expect(names()).toEqual(['carts', 'orders', 'broken'])
    expect(screen.getByRole('columnheader', { name: 'Rows' }).getAttribute('aria-sort')).toBe('descending')
    await userEvent.click(screen.getByRole('button', { name: 'Rows' }))
    expect(names()).toEqual(['orders', 'carts', 'broken'])
  })

  it('sorts text from A first', async () => {
    renderTable()
    await userEvent.click(screen.getByRole('button', { name: 'Name' }))
    expect(names()).toEqual(['broken', 'carts', 'orders'])
  })
})

describe('A list of which a page is loaded', () => {
  const renderPart = (serverSorts: readonly string[]) => {
    const setSort = vi.fn()
    render(
      <DataTable
        label="Tables"
        columns={COLUMNS}
        rows={{ rows: ROWS, isWhole: false }}
        rowKey={({ name }) => name}
        sorting={{ sort: { columnId: 'rows', descending: true }, setSort }}
        serverSorts={serverSorts}
      />,
    )
    return setSort
  }

  it('is not sorted here, and says why its headers are not buttons', () => {
    renderPart([])
    expect(names()).toEqual(['orders', 'broken', 'carts'])
    expect(screen.queryByRole('button', { name: 'Rows' })).toBeNull()
    const header = screen.getByRole('columnheader', { name: 'Rows' })
    expect(header.getAttribute('aria-sort')).toBeNull()
    expect(header.title).toBe('Can be sorted once the whole list is loaded.')
  })

  it('asks the server for an order that the server has', async () => {
    const setSort = renderPart(['rows'])
    expect(names()).toEqual(['orders', 'broken', 'carts'])
    const header = screen.getByRole('columnheader', { name: 'Rows' })
    expect(header.getAttribute('aria-sort')).toBe('descending')
    await userEvent.click(screen.getByRole('button', { name: 'Rows' }))
    expect(setSort).toHaveBeenCalledWith({ columnId: 'rows', descending: false })
    expect(screen.queryByRole('button', { name: 'Name' })).toBeNull()
  })
})

describe('The keyboard', () => {
  it('moves with arrow keys, opens with Enter, and has a single tab stop', async () => {
    const onOpen = vi.fn()
    renderTable(onOpen)
    const rows = screen.getAllByRole('row').slice(1)
    expect(rows.map((row) => row.tabIndex)).toEqual([0, -1, -1])
    rows[0]?.focus()
    await userEvent.keyboard('{ArrowDown}{ArrowDown}')
    await waitFor(() => expect(document.activeElement).toBe(rows[2]))
    await userEvent.keyboard('{Enter}')
    expect(onOpen).toHaveBeenCalledWith(ROWS[2])
  })

  it('is not needed: a click opens a row too', async () => {
    const onOpen = vi.fn()
    renderTable(onOpen)
    await userEvent.click(within(screen.getByRole('grid', { name: 'Tables' })).getByText('carts'))
    expect(onOpen).toHaveBeenCalledWith(ROWS[2])
  })
})

describe('Cards', () => {
  const MANY: Row[] = Array.from({ length: 1_000 }, (_, rows) => ({ name: `table ${rows}`, rows }))
  const renderManyRows = () =>
    render(
      <DataTable
        label="Tables"
        columns={COLUMNS}
        rows={MANY}
        rowKey={({ name }) => name}
        onOpen={vi.fn()}
        rowHeight={30}
        scrolls
        stacks
      />,
    )
  // happy-dom has no layout.
  const mockLayout = (rowPx: number) => {
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600)
    vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(390)
    vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(rowPx)
  }
  const drawnCount = () => screen.getByRole('grid').querySelectorAll('tbody tr[aria-rowindex]').length

  it('are virtual in long lists, whatever their height', () => {
    mockLayout(30)
    renderManyRows()
    const asRows = drawnCount()
    cleanup()
    mockLayout(150)
    renderManyRows()
    expect(screen.getByRole('grid').dataset.stacks).toBe('true')
    expect(drawnCount()).toBeGreaterThanOrEqual(4)
    expect(drawnCount()).toBeLessThan(asRows)
  })

  it('are drawn as far as the list is scrolled, and those that the keyboard reaches', async () => {
    mockLayout(30)
    renderManyRows()
    const drawnRows = () =>
      [...screen.getByRole('grid').querySelectorAll('tbody tr[aria-rowindex]')].map((row) =>
        Number(row.getAttribute('aria-rowindex')),
      )
    const scroller = screen.getByRole('grid').parentElement as HTMLElement
    // 20 rows are in view, and 12 more are drawn around them.
    fireEvent.scroll(scroller, { target: { scrollTop: 500 * 30 } })
    expect([drawnRows()[0], drawnRows().at(-1)]).toEqual([490, 534])
    screen.getByRole('row', { name: /^table 500/ }).focus()
    await userEvent.keyboard('{End}')
    await waitFor(() => expect(document.activeElement?.getAttribute('aria-rowindex')).toBe('1001'))
    expect(scroller.scrollTop).toBe(1_000 * 30 - (600 - 32))
  })

  it('leave the width of hidden columns to the others: no row above or below the visible ones spans several', () => {
    mockLayout(30)
    renderManyRows()
    const spacers = screen.getByRole('grid').querySelectorAll<HTMLTableCellElement>('tr[aria-hidden] td')
    expect([...spacers].map(({ colSpan }) => colSpan)).toEqual([1])
  })

  it('have explicit roles, because some browsers drop table roles when the layout is not a table', () => {
    mockLayout(150)
    renderManyRows()
    const grid = screen.getByRole('grid', { name: 'Tables' })
    expect(grid.getAttribute('aria-rowcount')).toBe('1001')
    const parts = ['thead', 'tbody', 'tbody tr[aria-rowindex]', 'thead tr', 'th', 'tbody tr[aria-rowindex] td']
    expect(parts.map((part) => grid.querySelector(part)?.getAttribute('role'))).toEqual([
      'rowgroup',
      'rowgroup',
      'row',
      'row',
      'columnheader',
      'gridcell',
    ])
  })
})

it('names a column of buttons for screen readers, without a visible header', () => {
  const actions: Column<Row> = { id: 'actions', header: '', cell: () => <button type="button">Open</button> }
  render(<DataTable label="Tables" columns={[...COLUMNS, actions]} rows={ROWS} rowKey={({ name }) => name} />)
  const header = screen.getByRole('columnheader', { name: 'Actions' })
  expect(header.querySelector('.sr-only')?.textContent).toBe('Actions')
})

it.each([
  [2, '40px'],
  [201, '70px'],
])('gives a column of a list of %d rows its own width', (rowCount, width) => {
  const columns: Column<number>[] = [{ id: 'n', header: 'Number', width: 40, longTableWidth: 70, cell: String }]
  const rows = Array.from({ length: rowCount }, (_, i) => i)
  render(<DataTable label="Numbers" columns={columns} rows={rows} rowKey={String} scrolls />)
  expect(screen.getByRole('columnheader', { name: 'Number' }).style.width).toBe(width)
})

it('marks columns that are hidden behind its right edge, until it is scrolled there', () => {
  vi.spyOn(HTMLElement.prototype, 'scrollWidth', 'get').mockReturnValue(900)
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(700)
  renderTable()
  const scroller = screen.getByRole('group', { name: 'Tables' })
  const frame = scroller.parentElement
  // happy-dom does not observe sizes.
  fireEvent.scroll(scroller)
  expect(frame?.dataset.more).toBe('true')
  fireEvent.scroll(scroller, { target: { scrollLeft: 200 } })
  expect(frame?.dataset.more).toBeUndefined()
})

describe('A list whose page keeps the sort order in its URL', () => {
  function SortedList() {
    const sorting = useSortInUrl()
    return <DataTable label="Tables" columns={COLUMNS} rows={ROWS} rowKey={({ name }) => name} sorting={sorting} />
  }

  it('shows the order of the URL', () => {
    render(<SortedList />, { query: '?sort=-rows' })
    expect(names()).toEqual(['carts', 'orders', 'broken'])
    cleanup()
    render(<SortedList />, { query: '?sort=name' })
    expect(names()).toEqual(['broken', 'carts', 'orders'])
  })

  it('changes the URL when a header is clicked', async () => {
    const onUrlUpdate = vi.fn<OnUrlUpdateFunction>()
    renderAlone(<SortedList />, {
      wrapper: ({ children }) => (
        <MantineProvider env="test">
          <NuqsTestingAdapter hasMemory onUrlUpdate={onUrlUpdate}>
            {children}
          </NuqsTestingAdapter>
        </MantineProvider>
      ),
    })
    await userEvent.click(screen.getByRole('button', { name: 'Rows' }))
    await waitFor(() => expect(onUrlUpdate.mock.lastCall?.[0].queryString).toBe('?sort=-rows'))
  })
})

it('shows the reason in one cell for a row without figures', () => {
  render(
    <DataTable
      label="Tables"
      columns={COLUMNS}
      rows={ROWS}
      rowKey={({ name }) => name}
      rowMessage={({ rows }) => (rows === null ? 'A file of the table is missing' : null)}
    />,
  )
  const broken = screen.getByRole('row', { name: /broken/ })
  expect([...broken.querySelectorAll('td')].map((cell) => cell.textContent)).toEqual([
    'broken',
    'A file of the table is missing',
  ])
})
