// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { createRef, useState } from 'react'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { type ColumnLayout, type GridSort, NO_LAYOUT } from './column-layout'
import { DataGrid, type DataGridProps, type GridHandle } from './data-grid'
import type { Cell, GridColumn } from './grid-cell'
import { rowNumberWidthPx } from './row-number-width'
import { MAX_SCROLL_AREA_PX } from './use-scaled-scroll'

const HEIGHT = 44 + 28 * 10
const WIDTH = 570

// happy-dom has no layout.
beforeAll(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }))
  for (const [name, value] of [
    ['clientHeight', HEIGHT],
    ['clientWidth', WIDTH],
  ] as const) {
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => value })
  }
})
afterEach(cleanup)

const COLUMNS: GridColumn[] = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({
  key: name,
  name,
  typeLabel: 'long',
  note: '0% null',
  align: 'right',
  width: 200,
}))

function text(row: number, key: string): Cell {
  return { kind: 'value', text: `${key}${row}` }
}

function renderGrid(props: Partial<DataGridProps> = {}) {
  render(<DataGrid label="Rows" rowCount={3_000_000} columns={COLUMNS} cell={text} {...props} />)
  return screen.getByRole('grid', { name: 'Rows' })
}

const shownRows = () =>
  screen
    .getAllByRole('row')
    .map((row) => Number(row.getAttribute('aria-rowindex')))
    .filter((index) => index > 1)

/** Distance of a row from the header, in pixels. */
function topOf(rowIndex: number): number {
  const row = document.querySelector<HTMLElement>(`[aria-rowindex="${rowIndex}"]`)
  const shift = (element: HTMLElement | null | undefined) =>
    Number(/translateY\((-?\d+)px\)/.exec(element?.style.transform ?? '')?.[1])
  return shift(row) + shift(row?.parentElement)
}

test('The chosen cell of the grid stays in sight when a panel next to it takes space', async () => {
  const resized: (() => void)[] = []
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(onResize: () => void) {
        resized.push(onResize)
      }
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  )
  const scrollTo = vi.spyOn(HTMLElement.prototype, 'scrollTo')
  try {
    renderGrid()
    await userEvent.click(screen.getByText('c2'))
    scrollTo.mockClear()
    vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(400)
    act(() => resized.forEach((onResize) => onResize()))
    const left = scrollTo.mock.calls
      .map(([options]) => (options as ScrollToOptions).left)
      .find((px) => px !== undefined)
    expect(left).toBeGreaterThan(200)
  } finally {
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
    vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }))
  }
})

test('The grid opens the panel of a JSON text with Enter, and the row with Space', async () => {
  const onRowOpen = vi.fn<NonNullable<DataGridProps['onRowOpen']>>()
  const open = vi.fn<(row: number, columnKey: string) => void>()
  renderGrid({ onRowOpen, valuePanel: { isOffered: (_row, columnKey) => columnKey === 'b', open } })
  await userEvent.click(screen.getByText('b1'))
  screen.getByText('b1').closest<HTMLElement>('[data-row]')?.focus()
  await userEvent.keyboard('{Enter}')
  expect(open).toHaveBeenCalledExactlyOnceWith(1, 'b')
  expect(onRowOpen).not.toHaveBeenCalled()
  await userEvent.keyboard(' ')
  await userEvent.keyboard('{ArrowRight}{Enter}')
  expect(onRowOpen.mock.calls.map(([row]) => row)).toEqual([1, 1])
  expect(open).toHaveBeenCalledOnce()
})

test('The column of row numbers is as wide as those of the rows in view, and does not shrink again', () => {
  const handle = createRef<GridHandle>()
  renderGrid({ handle })
  const widthPx = () => Number.parseFloat(screen.getByRole('columnheader', { name: 'Row number' }).style.width)
  expect(widthPx()).toBe(rowNumberWidthPx(14, WIDTH))
  act(() => handle.current?.goToRow(2_000_000))
  const widestPx = rowNumberWidthPx(2_000_000, WIDTH)
  expect(widestPx).toBeGreaterThan(rowNumberWidthPx(14, WIDTH))
  expect(widthPx()).toBe(widestPx)
  act(() => handle.current?.goToRow(0))
  expect(widthPx()).toBe(widestPx)
})

describe('The grid for assistive technology', () => {
  test('counts all rows and columns, and numbers each row and cell', () => {
    const element = renderGrid()
    expect(element.getAttribute('aria-rowcount')).toBe('3000001')
    expect(element.getAttribute('aria-colcount')).toBe('7')
    expect(screen.getAllByRole('columnheader').map((header) => header.textContent)).toEqual([
      '#',
      ...COLUMNS.map(({ name }) => `${name} long 0% null`),
    ])
    expect(screen.getByRole('columnheader', { name: 'a long 0% null' }).getAttribute('aria-colindex')).toBe('2')
    const row = screen.getAllByRole('row')[1]
    expect(row?.getAttribute('aria-rowindex')).toBe('2')
    expect(within(row as HTMLElement).getByRole('rowheader').textContent).toBe('1')
    const cells = within(row as HTMLElement).getAllByRole('gridcell')
    expect(cells[0]?.getAttribute('aria-colindex')).toBe('2')
    expect(cells[0]?.textContent).toBe('a0')
  })

  test('names columns with marks for characters that are not drawn, and copies their names as they are', async () => {
    const columns = COLUMNS.map((column, i) => (i === 0 ? { ...column, name: 'to\u202etal' } : column))
    renderGrid({ columns })
    const header = screen.getByRole('columnheader', { name: 'to[U+202E]tal long 0% null' })
    expect(header.textContent).toContain('to[U+202E]tal')
    expect(header.title).toBe('to[U+202E]tal long')
    act(() => header.focus())
    const clipboardData = new DataTransfer()
    fireEvent.copy(header, { clipboardData })
    expect(clipboardData.getData('text/plain')).toBe('to\u202etal')
  })

  test('marks a cell that is being read as busy', () => {
    renderGrid({ cell: () => undefined })
    expect(screen.getAllByRole('gridcell').every((cell) => cell.getAttribute('aria-busy') === 'true')).toBe(true)
  })

  test('shows the given text when it is empty', () => {
    renderGrid({ rowCount: 0, empty: <p>No rows here.</p> })
    expect(screen.getByText('No rows here.')).toBeTruthy()
    expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('1')
  })
})

describe('Virtual scrolling', () => {
  test('renders the rows and columns in view and a few around them, and reports them', () => {
    const onRangeChange = vi.fn<NonNullable<DataGridProps['onRangeChange']>>()
    renderGrid({ onRangeChange })
    expect(shownRows().length).toBeLessThan(20)
    expect(onRangeChange).toHaveBeenCalledExactlyOnceWith({
      firstRow: 0,
      lastRow: 14,
      topRow: 0,
      columnKeys: ['a', 'b', 'c'],
    })
  })

  test('limits the height of the scroll area to what browsers support', () => {
    const element = renderGrid()
    expect(Number.parseFloat(element.style.height)).toBe(MAX_SCROLL_AREA_PX + 44)
  })

  test('moves by real pixels with the wheel, however many rows there are', () => {
    const element = renderGrid()
    fireEvent.wheel(element, { deltaY: 280 })
    expect(shownRows()).toContain(2 + 10)
    expect(shownRows()).not.toContain(3)
    expect(topOf(12)).toBe(0)
  })

  test('draws only the rows that come into view', () => {
    const drawn: string[] = []
    const cell = (row: number, key: string) => {
      drawn.push(`${key}${row}`)
      return text(row, key)
    }
    const element = renderGrid({ cell })
    drawn.length = 0
    fireEvent.wheel(element, { deltaY: 2 * 28 })
    expect(drawn).toEqual(['a14', 'b14', 'c14', 'a15', 'b15', 'c15'])
    expect(topOf(4)).toBe(0)
  })

  test('keeps rows in position however far they are', () => {
    const element = renderGrid()
    for (let step = 0; step < 3; step++) fireEvent.wheel(element, { deltaY: 28 * 5000 })
    expect(topOf(15_002)).toBe(0)
    expect(topOf(15_003)).toBe(28)
  })

  test('starts at a given row', () => {
    renderGrid({ initialTopRow: 1_499_999 })
    expect(topOf(1_500_001)).toBe(0)
    expect(document.querySelector('[role=gridcell][tabindex="0"]')?.textContent).toBe('a1499999')
  })

  test('scrolls the page away first, where the page scrolls', () => {
    const element = renderGrid()
    const page = document.body
    page.style.overflowY = 'auto'
    Object.defineProperty(page, 'scrollHeight', { configurable: true, value: HEIGHT + 100 })
    page.scrollTop = 0
    fireEvent.wheel(element, { deltaY: 128 })
    expect(page.scrollTop).toBe(100)
    expect(topOf(3)).toBe(0)
    fireEvent.wheel(element, { deltaY: 28 })
    expect(topOf(4)).toBe(0)
    page.removeAttribute('style')
    Reflect.deleteProperty(page, 'scrollHeight')
  })

  test('reaches the first and the last row with the scroll bar', () => {
    const element = renderGrid()
    const scroller = element.parentElement as HTMLElement
    scroller.scrollTop = MAX_SCROLL_AREA_PX
    fireEvent.scroll(scroller)
    expect(shownRows()).toContain(3_000_001)
    scroller.scrollTop = 0
    fireEvent.scroll(scroller)
    expect(shownRows()).toContain(2)
  })
})

test('A scroll frame of a grid draws only the rows that came into view', () => {
  const cell = vi.fn(text)
  const element = renderGrid({ cell })
  const scroller = element.parentElement as HTMLElement
  const rowsDrawnBy = (deltaY: number) => {
    cell.mockClear()
    fireEvent.wheel(scroller, { deltaY })
    return [...new Set(cell.mock.calls.map(([row]) => row))].sort((a, b) => a - b)
  }
  const known = shownRows().length
  expect(rowsDrawnBy(28 * 50).length).toBeGreaterThan(known - 1)
  expect(rowsDrawnBy(28)).toEqual([64])
  expect(rowsDrawnBy(7)).toEqual([65])
  expect(rowsDrawnBy(7)).toEqual([])
  expect(rowsDrawnBy(-28 * 2)).toEqual([45, 46])
})

describe('A grid of five hundred columns', () => {
  const columns = Array.from({ length: 500 }, (_, i) => ({ ...COLUMNS[0], key: `k${i}`, name: `k${i}` }) as GridColumn)
  const headers = () => screen.getAllByRole('columnheader').map(({ textContent }) => textContent.split(' ')[0])

  test('stays where it is while a header that is partly out of view is pressed', async () => {
    const user = userEvent.setup()
    const scroller = renderGrid({ columns }).parentElement as HTMLElement
    const header = screen.getByRole('columnheader', { name: /^k2 / })
    await user.pointer({ keys: '[MouseLeft]', target: header })
    expect(document.activeElement).toBe(header)
    expect(scroller.scrollLeft).toBe(0)
    // By keyboard it comes into view.
    await user.keyboard('{ArrowLeft}{ArrowRight}')
    expect(document.activeElement).toBe(header)
    expect(scroller.scrollLeft).toBeGreaterThan(0)
  })

  test('has the headers in view only, and the one with the focus', async () => {
    const user = userEvent.setup()
    const element = renderGrid({ columns })
    expect(element.getAttribute('aria-colcount')).toBe('501')
    expect(headers()).toEqual(['#', 'k0', 'k1', 'k2'])
    await user.click(screen.getByRole('columnheader', { name: /^k0 / }))
    await user.keyboard('{End}')
    expect(document.activeElement?.getAttribute('aria-colindex')).toBe('501')
    expect(headers()).toContain('k499')
    await user.keyboard('{Home}{ArrowRight}')
    expect(document.activeElement?.getAttribute('aria-label')).toBe('k0 long 0% null')
  })
})

describe('Keyboard navigation', () => {
  test('has one cell in the tab order, which the arrow keys move', async () => {
    const user = userEvent.setup()
    renderGrid()
    await user.tab()
    expect(document.activeElement?.textContent).toBe('a0')
    await user.keyboard('{ArrowDown}{ArrowRight}')
    expect(document.activeElement?.textContent).toBe('b1')
    await user.keyboard('{ArrowLeft}{ArrowLeft}{ArrowLeft}')
    expect(document.activeElement?.getAttribute('role')).toBe('rowheader')
    expect(document.querySelectorAll('[role=grid] [tabindex="0"]')).toHaveLength(1)
  })

  test('reaches the corners with Ctrl+End and Ctrl+Home, and pages with Page Down', async () => {
    const user = userEvent.setup()
    renderGrid()
    await user.tab()
    await user.keyboard('{Control>}{End}{/Control}')
    expect(document.activeElement?.textContent).toBe('f2999999')
    await user.keyboard('{Control>}{Home}{/Control}{PageDown}')
    expect(document.activeElement?.textContent).toBe('10')
    await user.keyboard('{End}')
    expect(document.activeElement?.textContent).toBe('f9')
  })

  test('keeps the focused cell when it is scrolled away, and continues from it', async () => {
    const user = userEvent.setup()
    const element = renderGrid()
    await user.tab()
    fireEvent.wheel(element, { deltaY: 28_000 })
    expect(document.activeElement?.textContent).toBe('a0')
    await user.keyboard('{ArrowDown}')
    expect(document.activeElement?.textContent).toBe('a1')
    expect(shownRows()).toContain(3)
  })

  test('opens a nested cell with Enter, and its row with Shift+Enter, Space or its number', async () => {
    const user = userEvent.setup()
    const onCellOpen = vi.fn<NonNullable<DataGridProps['onCellOpen']>>()
    const onRowOpen = vi.fn<NonNullable<DataGridProps['onRowOpen']>>()
    renderGrid({ cell: (row, key) => ({ ...text(row, key), kind: 'nested' }), onCellOpen, onRowOpen })
    await user.tab()
    await user.keyboard('{Enter}')
    expect(onCellOpen).toHaveBeenCalledExactlyOnceWith(0, 'a', document.activeElement)
    await user.keyboard('{Shift>}{Enter}{/Shift}')
    expect(onRowOpen).toHaveBeenCalledWith(0, document.activeElement)
    await user.keyboard('{ArrowDown} ')
    expect(onRowOpen).toHaveBeenLastCalledWith(1, document.activeElement)
    await user.click(screen.getByRole('rowheader', { name: '3' }))
    expect(onRowOpen).toHaveBeenLastCalledWith(2, document.activeElement)
    expect(onCellOpen).toHaveBeenCalledOnce()
  })

  test('opens the row of a plain cell with Enter or a double click, and closes it with Escape', async () => {
    const user = userEvent.setup()
    const onRowOpen = vi.fn<NonNullable<DataGridProps['onRowOpen']>>()
    const onRowClose = vi.fn()
    renderGrid({ onRowOpen, onRowClose, openRow: 0 })
    await user.tab()
    await user.keyboard('{Enter}')
    expect(onRowOpen).toHaveBeenCalledExactlyOnceWith(0, document.activeElement)
    await user.dblClick(screen.getByText('b2'))
    expect(onRowOpen).toHaveBeenLastCalledWith(2, screen.getByText('b2'))
    await user.keyboard('{Escape}')
    expect(onRowClose).toHaveBeenCalledOnce()
  })

  test('selects a cell by click', async () => {
    const user = userEvent.setup()
    const onRowOpen = vi.fn<NonNullable<DataGridProps['onRowOpen']>>()
    renderGrid({ onRowOpen })
    expect(screen.queryAllByRole('gridcell', { selected: true })).toEqual([])
    await user.click(screen.getByText('b2'))
    expect(screen.getAllByRole('gridcell', { selected: true })).toEqual([screen.getByText('b2')])
    expect(screen.getByText('b2').dataset.active).toBe('true')
    expect(document.activeElement).toBe(screen.getByText('b2'))
    expect(onRowOpen).not.toHaveBeenCalled()
  })

  test('goes to a row by its number', () => {
    const handle = createRef<GridHandle>()
    renderGrid({ handle })
    fireEvent.focus(screen.getByRole('grid'))
    handle.current?.goToRow(1_499_999)
    return waitFor(() => expect(document.activeElement?.textContent).toBe('a1499999'))
  })
})

describe('When rows above those on screen go away', () => {
  test('the rows on screen, the active cell and its focus stay where they are', async () => {
    let removedRows = 0
    const moving = createRef<GridHandle>()
    function Shrinking() {
      const [count, setCount] = useState(2000)
      const shrink = () => {
        removedRows = 300
        setCount(1700)
        moving.current?.moveUp(300)
      }
      return (
        <>
          <button type="button" onClick={shrink}>
            Shrink
          </button>
          <DataGrid
            label="Rows"
            rowCount={count}
            isRowCountExact={false}
            columns={COLUMNS}
            cell={(row, key) => text(row + removedRows, key)}
            handle={moving}
          />
        </>
      )
    }
    render(<Shrinking />)
    act(() => moving.current?.goToRow(1000))
    await waitFor(() => expect(document.activeElement?.textContent).toBe('a1000'))
    const before = topOf(1002)
    fireEvent.click(screen.getByRole('button', { name: 'Shrink' }))
    await waitFor(() => expect(document.activeElement?.textContent).toBe('a1000'))
    expect(document.activeElement?.closest('[role=row]')?.getAttribute('aria-rowindex')).toBe('702')
    expect(topOf(702)).toBe(before)
    expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('-1')
  })
})

describe('Copying a selection', () => {
  const copyText = (element: HTMLElement): string => {
    const data = new Map<string, string>()
    const clipboardData = { setData: (type: string, value: string) => data.set(type, value) }
    fireEvent.copy(element, { clipboardData })
    return data.get('text/plain') ?? ''
  }

  test('copies tab-separated text with column names', async () => {
    const user = userEvent.setup()
    const element = renderGrid({
      cell: (row, key) =>
        key === 'b' ? { kind: 'null', text: 'null' } : { ...text(row, key), text: `${key}\t${row}` },
    })
    await user.tab()
    await user.keyboard('{Shift>}{ArrowDown}{ArrowRight}{/Shift}')
    expect(copyText(element)).toBe('a\tb\n"a\t0"\t\n"a\t1"\t')
    expect(screen.getByRole('status').textContent).toBe('2 rows copied.')
    expect(screen.getAllByRole('gridcell', { selected: true })).toHaveLength(4)
  })

  test('copies one cell without its column name, and nothing while a selected cell is not read', async () => {
    const user = userEvent.setup()
    const element = renderGrid({ cell: (row, key) => (row > 20 ? undefined : text(row, key)) })
    await user.tab()
    expect(copyText(element)).toBe('a0')
    await user.keyboard('{Control>}a{/Control}')
    expect(screen.getByRole('status').textContent).toBe('3,000,000 rows selected.')
    expect(document.activeElement?.textContent).toBe('a0')
    expect(screen.getAllByRole('gridcell').every((cell) => cell.getAttribute('aria-selected') === 'true')).toBe(true)
    expect(copyText(element)).toBe('')
    expect(screen.getByRole('status').textContent).toContain('Not copied')
  })

  test('quotes what separates fields, tells an empty text from null, and copies a single value as it is', async () => {
    const user = userEvent.setup()
    const values: Record<string, Cell> = {
      a: { kind: 'value', text: 'one↵two', copyText: 'one\r\ntwo' },
      b: { kind: 'value', text: 'say "no"\there' },
      c: { kind: 'null', text: 'null' },
      d: { kind: 'empty', text: 'empty' },
    }
    const element = renderGrid({ rowCount: 1, columns: COLUMNS.slice(0, 4), cell: (_row, key) => values[key] })
    await user.tab()
    expect(copyText(element)).toBe('one\r\ntwo')
    await user.keyboard('{ArrowRight}')
    expect(copyText(element)).toBe('say "no"\there')
    await user.keyboard('{Control>}{Home}{/Control}')
    expect(copyText(element)).toBe('a\tb\tc\td\n"one\r\ntwo"\t"say ""no""\there"\t\t""')
  })

  test('says which value could not be read, and copies nothing', async () => {
    const user = userEvent.setup()
    const element = renderGrid({ cell: (row, key) => (key === 'b' ? { kind: 'failed', text: '–' } : text(row, key)) })
    await user.tab()
    await user.keyboard('{Control>}{Home}{/Control}{ArrowDown}')
    expect(copyText(element)).toBe('')
    expect(screen.getByRole('status').textContent).toBe('Not copied: b of row 2 could not be read.')
  })

  test('reads cells out of view before they are copied', async () => {
    const user = userEvent.setup()
    let isRead = false
    const readCells = vi.fn<NonNullable<DataGridProps['readCells']>>(async () => {
      isRead = true
      return true
    })
    const element = renderGrid({ cell: (row, key) => (key > 'c' && !isRead ? undefined : text(row, key)), readCells })
    await user.tab()
    await user.keyboard('{Control>}{Home}{/Control}{ArrowDown}')
    fireEvent.copy(element, { clipboardData: { setData: () => undefined } })
    await waitFor(() => expect(screen.getByRole('status').textContent).toBe('1 row copied.'))
    expect(await navigator.clipboard.readText()).toBe('a\tb\tc\td\te\tf\na1\tb1\tc1\td1\te1\tf1')
    expect(readCells.mock.calls).toEqual([[{ firstRow: 1, lastRow: 2, columnKeys: ['a', 'b', 'c', 'd', 'e', 'f'] }]])
  })

  test('copies nothing when the rows changed while they were read', async () => {
    const user = userEvent.setup()
    const element = renderGrid({ cell: () => undefined, readCells: async () => false })
    await user.tab()
    fireEvent.copy(element, { clipboardData: { setData: () => undefined } })
    await waitFor(() => expect(screen.getByRole('status').textContent).toContain('the rows changed'))
  })
})

describe('The menu of a cell', () => {
  const copy = async (user: ReturnType<typeof userEvent.setup>, item: string) => {
    await user.click(within(await screen.findByRole('menu')).getByRole('menuitem', { name: item }))
    await waitFor(() => expect(screen.getByRole('status').textContent).toMatch(/copied/i))
    return await navigator.clipboard.readText()
  }

  test('copies the cell or its row, and gives the focus back', async () => {
    const user = userEvent.setup()
    renderGrid()
    fireEvent.contextMenu(screen.getByText('b3'))
    expect(await copy(user, 'Copy cell')).toBe('b3')
    await waitFor(() => expect(document.activeElement?.textContent).toBe('b3'))
    fireEvent.contextMenu(screen.getByText('b3'))
    expect(await copy(user, 'Copy row')).toBe('a3\tb3\tc3\td3\te3\tf3')
  })

  test('copies the selection around it, with and without column names', async () => {
    const user = userEvent.setup()
    renderGrid()
    await user.click(screen.getByText('a1'))
    fireEvent.contextMenu(screen.getByText('a1'))
    const menu = await screen.findByRole('menu')
    expect(
      within(menu)
        .getByRole('menuitem', { name: /with column names/ })
        .hasAttribute('disabled'),
    ).toBe(true)
    await user.keyboard('{Escape}')
    await user.keyboard('{Shift>}{ArrowDown}{ArrowRight}{/Shift}')
    fireEvent.contextMenu(document.activeElement as Element)
    expect(await copy(user, 'Copy selection with column names')).toBe('a\tb\na1\tb1\na2\tb2')
    fireEvent.contextMenu(screen.getByText('a1'))
    expect(await copy(user, 'Copy selection without them')).toBe('a1\tb1\na2\tb2')
  })

  test('filters by the value of the cell, or excludes it, where there is one', async () => {
    const user = userEvent.setup()
    const apply = vi.fn<(row: number, columnKey: string, isExcluded: boolean) => void>()
    renderGrid({ cellFilter: { isOffered: (_row, columnKey) => columnKey === 'b', apply } })
    const choose = async (text: string, name: string) => {
      fireEvent.contextMenu(screen.getByText(text))
      await user.click(await screen.findByRole('menuitem', { name }))
    }
    await choose('b3', 'Filter by this value')
    await choose('b4', 'Exclude this value')
    expect(apply.mock.calls).toEqual([
      [3, 'b', false],
      [4, 'b', true],
    ])
    fireEvent.contextMenu(screen.getByText('a1'))
    await screen.findByRole('menuitem', { name: 'Copy cell' })
    expect(screen.queryByRole('menuitem', { name: 'Filter by this value' })).toBeNull()
  })

  test('opens the history of a row that one of its values names', async () => {
    const user = userEvent.setup()
    const open = vi.fn<(row: number, columnKey: string) => void>()
    renderGrid({ rowHistory: { isOffered: (row) => row === 3, open } })
    fireEvent.contextMenu(screen.getByText('b3'))
    await user.click(await screen.findByRole('menuitem', { name: 'Row history' }))
    expect(open.mock.calls).toEqual([[3, 'b']])
    fireEvent.contextMenu(screen.getByText('b4'))
    await screen.findByRole('menuitem', { name: 'Copy cell' })
    expect(screen.queryByRole('menuitem', { name: 'Row history' })).toBeNull()
  })

  test('says why it cannot copy', async () => {
    const user = userEvent.setup()
    renderGrid({ cell: () => undefined })
    fireEvent.contextMenu(screen.getAllByRole('gridcell')[0] as Element)
    await user.click(within(await screen.findByRole('menu')).getByRole('menuitem', { name: 'Copy cell' }))
    expect(screen.getByRole('status').textContent).toContain('have not been read yet')
  })
})

describe('Columns', () => {
  let layout: ColumnLayout
  beforeEach(() => {
    layout = NO_LAYOUT
  })

  function GridWithLayout(props: Partial<DataGridProps>) {
    const [current, setCurrent] = useState(layout)
    return (
      <DataGrid
        label="Rows"
        rowCount={100}
        columns={COLUMNS}
        cell={text}
        layout={current}
        onLayoutChange={(next) => {
          layout = next
          setCurrent(next)
        }}
        {...props}
      />
    )
  }
  const names = () => screen.getAllByRole('columnheader').map((header) => header.textContent.split(' ')[0])
  const openMenu = async (user: ReturnType<typeof userEvent.setup>, name: string) => {
    await user.click(screen.getByRole('button', { name: `Options for ${name}` }))
    return screen.findByRole('menu')
  }
  const choose = async (user: ReturnType<typeof userEvent.setup>, name: string, item: string) => {
    await user.click(within(await openMenu(user, name)).getByRole('menuitem', { name: item }))
    await waitFor(() => expect(screen.queryByRole('menu')).toBeNull())
  }

  test('have their menu at the right button on their header, too', async () => {
    const user = userEvent.setup()
    render(<GridWithLayout />)
    const header = screen.getByRole('columnheader', { name: /^b / })
    const opened = fireEvent.contextMenu(within(header).getByText('b'))
    expect(opened).toBe(false)
    await user.click(within(await screen.findByRole('menu')).getByRole('menuitem', { name: /^Hide/ }))
    expect(layout.hidden).toEqual(['b'])
    // The numbers of rows have none.
    expect(fireEvent.contextMenu(screen.getByRole('columnheader', { name: 'Row number' }))).toBe(true)
  })

  test('are resized by dragging the edge of their header', () => {
    render(<GridWithLayout />)
    const handle = screen.getByRole('separator', { name: 'Width of a' })
    expect(handle.getAttribute('aria-valuenow')).toBe('200')
    fireEvent.mouseDown(handle, { clientX: 254 })
    fireEvent.mouseMove(document, { clientX: 300 })
    expect(handle.getAttribute('aria-valuenow')).toBe('246')
    expect(layout).toBe(NO_LAYOUT)
    fireEvent.mouseUp(document, { clientX: 304 })
    expect(layout.widths).toEqual({ a: 250 })
    expect(screen.getByText('b0').style.left).toBe('305px')
  })

  test('are not sorted by the click that ends resizing', () => {
    const onSortChange = vi.fn<(sort: GridSort) => void>()
    render(<GridWithLayout onSortChange={onSortChange} />)
    const handle = screen.getByRole('separator', { name: 'Width of a' })
    fireEvent.pointerDown(handle, { clientX: 254 })
    fireEvent.mouseDown(handle, { clientX: 254 })
    fireEvent.mouseMove(document, { clientX: 200 })
    fireEvent.mouseUp(document, { clientX: 200 })
    fireEvent.click(screen.getByRole('columnheader', { name: /^a / }))
    expect(layout.widths).toEqual({ a: 146 })
    expect(onSortChange).not.toHaveBeenCalled()
  })

  test('are resized with the keyboard, within bounds', async () => {
    const user = userEvent.setup()
    render(<GridWithLayout />)
    await user.tab()
    await user.keyboard('{ArrowUp}')
    expect(document.activeElement).toBe(screen.getByRole('columnheader', { name: 'a long 0% null' }))
    await user.tab()
    const handle = screen.getByRole('separator', { name: 'Width of a' })
    expect(document.activeElement).toBe(handle)
    await user.keyboard('{ArrowRight}')
    expect(handle.getAttribute('aria-valuenow')).toBe('216')
    await user.keyboard('{Home}')
    expect(handle.getAttribute('aria-valuenow')).toBe(handle.getAttribute('aria-valuemin'))
    await user.keyboard('{ArrowLeft}{End}{ArrowRight}')
    expect(handle.getAttribute('aria-valuenow')).toBe(handle.getAttribute('aria-valuemax'))
  })

  test('fit their content after a double click on the edge, or Enter', async () => {
    const user = userEvent.setup()
    render(<GridWithLayout />)
    const measured = vi.spyOn(Range.prototype, 'getBoundingClientRect').mockImplementation(function measure(
      this: Range,
    ) {
      return new DOMRect(0, 0, this.startContainer.textContent === 'a7' ? 330 : 90, 18)
    })
    await user.dblClick(screen.getByRole('separator', { name: 'Width of a' }))
    expect(layout.widths).toEqual({ a: 351 })
    screen.getByRole('separator', { name: 'Width of b' }).focus()
    await user.keyboard('{Enter}')
    expect(layout.widths).toEqual({ a: 351, b: 111 })
    measured.mockRestore()
  })

  test('move by their menu, and the header keeps the focus', async () => {
    const user = userEvent.setup()
    render(<GridWithLayout />)
    await choose(user, 'b', 'Move left')
    expect(names()).toEqual(['#', 'b', 'a', 'c', 'd', 'e', 'f'])
    expect(document.activeElement?.getAttribute('aria-label')).toBe('b long 0% null')
    await user.keyboard('{Enter}')
    await user.click(within(await screen.findByRole('menu')).getByRole('menuitem', { name: 'Move right' }))
    expect(names()).toEqual(['#', 'a', 'b', 'c', 'd', 'e', 'f'])
  })

  test('move by dragging their header, which does not sort', async () => {
    const onSortChange = vi.fn<(sort: GridSort) => void>()
    render(<GridWithLayout onSortChange={onSortChange} />)
    const header = screen.getByRole('columnheader', { name: /^a / })
    fireEvent.pointerDown(header, { clientX: 100, button: 0, pointerType: 'mouse' })
    fireEvent.pointerMove(document, { clientX: 480, pointerType: 'mouse' })
    fireEvent.pointerUp(document, { clientX: 480, pointerType: 'mouse' })
    fireEvent.click(header)
    expect(names()).toEqual(['#', 'b', 'a', 'c', 'd', 'e', 'f'])
    expect(onSortChange).not.toHaveBeenCalled()
  })

  test('that are pinned stay in view while the others scroll', async () => {
    const user = userEvent.setup()
    const onRangeChange = vi.fn<NonNullable<DataGridProps['onRangeChange']>>()
    render(<GridWithLayout onRangeChange={onRangeChange} />)
    await choose(user, 'c', 'Pin to the left')
    expect(names()).toEqual(['#', 'c', 'a', 'b', 'd', 'e', 'f'])
    expect(layout.pinned).toEqual(['c'])
    const scroller = screen.getByRole('grid').parentElement as HTMLElement
    act(() => {
      scroller.scrollLeft = 700
      fireEvent.scroll(scroller)
    })
    expect(screen.getByText('c0').dataset.sticky).toBe('true')
    expect(screen.queryByText('a0')).toBeNull()
    expect(onRangeChange.mock.lastCall?.[0].columnKeys).toEqual(['c', 'e', 'f'])
    await choose(user, 'c', 'Unpin')
    expect(names()).toEqual(['#', 'a', 'b', 'c', 'd', 'e', 'f'])
  })

  test('that are pinned leave room for the others', async () => {
    const user = userEvent.setup()
    render(<GridWithLayout />)
    for (const name of ['a', 'b']) await choose(user, name, 'Pin to the left')
    expect(screen.getByText('a0').dataset).toMatchObject({ pinned: 'true', sticky: 'true' })
    expect(screen.getByText('b0').dataset.sticky).toBeUndefined()
  })

  test('are hidden by their menu', async () => {
    const user = userEvent.setup()
    render(<GridWithLayout />)
    await choose(user, 'b', 'Hide column')
    expect(names()).toEqual(['#', 'a', 'c', 'd', 'e', 'f'])
    expect(layout.hidden).toEqual(['b'])
  })

  test('sort by click in turn: ascending, descending, no longer', async () => {
    const user = userEvent.setup()
    const sorts: GridSort[] = []
    function SortedGrid() {
      const [sort, setSort] = useState<GridSort>(null)
      return (
        <GridWithLayout
          sort={sort}
          onSortChange={(next) => {
            sorts.push(next)
            setSort(next)
          }}
          sortProblem={(key) => (key === 'b' ? 'A nested column cannot be sorted.' : undefined)}
        />
      )
    }
    render(<SortedGrid />)
    const header = screen.getByRole('columnheader', { name: /^a / })
    await user.click(header)
    expect(header.getAttribute('aria-sort')).toBe('ascending')
    await user.click(header)
    expect(header.getAttribute('aria-sort')).toBe('descending')
    await user.click(header)
    expect(header.getAttribute('aria-sort')).toBeNull()
    await user.click(screen.getByRole('columnheader', { name: /^b / }))
    expect(sorts).toEqual([{ columnKey: 'a', isDescending: false }, { columnKey: 'a', isDescending: true }, null])
    expect((await openMenu(user, 'b')).textContent).toContain('A nested column cannot be sorted.')
    expect(screen.getByRole<HTMLButtonElement>('menuitem', { name: 'Sort ascending' }).disabled).toBe(true)
  })
})
