// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { createRef } from 'react'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { DataGrid, type DataGridProps, type GridHandle } from './data-grid'
import type { Cell, GridColumn } from './grid-cell'
import { MAX_SCROLL_AREA_PX } from './use-scaled-scroll'

const HEIGHT = 44 + 28 * 10
const WIDTH = 600

// happy-dom has no layout.
beforeAll(() => {
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

describe('The grid for assistive technology', () => {
  test('counts all rows and columns, and numbers each row and cell', () => {
    const element = renderGrid()
    expect(element.getAttribute('aria-rowcount')).toBe('3000001')
    expect(element.getAttribute('aria-colcount')).toBe('7')
    expect(screen.getAllByRole('columnheader').map((header) => header.textContent)).toEqual([
      '#',
      ...COLUMNS.map(({ name }) => `${name}long0% null`),
    ])
    const row = screen.getAllByRole('row')[1]
    expect(row?.getAttribute('aria-rowindex')).toBe('2')
    expect(within(row as HTMLElement).getByRole('rowheader').textContent).toBe('1')
    const cells = within(row as HTMLElement).getAllByRole('gridcell')
    expect(cells[0]?.getAttribute('aria-colindex')).toBe('2')
    expect(cells[0]?.textContent).toBe('a0')
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
    expect(onRangeChange).toHaveBeenCalledExactlyOnceWith({ firstRow: 0, lastRow: 14, columnKeys: ['a', 'b', 'c'] })
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
    expect(document.querySelector('[aria-rowindex="12"]')?.getAttribute('style')).toContain('translateY(0px)')
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

  test('opens a nested cell with Enter, and a row with Shift+Enter or its number', async () => {
    const user = userEvent.setup()
    const onCellOpen = vi.fn<NonNullable<DataGridProps['onCellOpen']>>()
    const onRowOpen = vi.fn<NonNullable<DataGridProps['onRowOpen']>>()
    renderGrid({ cell: (row, key) => ({ ...text(row, key), kind: 'nested' }), onCellOpen, onRowOpen })
    await user.tab()
    await user.keyboard('{Enter}')
    expect(onCellOpen).toHaveBeenCalledWith(0, 'a', document.activeElement)
    await user.keyboard('{Shift>}{Enter}{/Shift}')
    expect(onRowOpen).toHaveBeenCalledWith(0, document.activeElement)
    await user.click(screen.getByRole('rowheader', { name: '3' }))
    expect(onRowOpen).toHaveBeenLastCalledWith(2, document.activeElement)
  })

  test('goes to a row by its number', () => {
    const handle = createRef<GridHandle>()
    renderGrid({ handle })
    fireEvent.focus(screen.getByRole('grid'))
    handle.current?.goToRow(1_499_999)
    return waitFor(() => expect(document.activeElement?.textContent).toBe('a1499999'))
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
    expect(copyText(element)).toBe('')
    expect(screen.getByRole('status').textContent).toContain('Not copied')
  })
})
