// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { render } from '@/testing/components/render'
import type { ResultDisplay } from '@/lib/query/result-display'
import { MAX_BARS } from './chart-data'
import type { ChartSource } from './chart-source'
import { ResultChart } from './result-chart'

afterEach(cleanup)

const ORIGINS = ['ORD', 'ATL', 'DFW']
const source: ChartSource = {
  columns: [
    { name: 'origin', type: 'string', sqlType: 'VARCHAR' },
    { name: 'flights', type: 'long', sqlType: 'BIGINT' },
  ],
  rowCount: 3,
  isTruncated: false,
  value: (row, column) => (column === 0 ? (ORIGINS[row] ?? null) : 9_007_199_254_740_993n - BigInt(row)),
  text: (row, column) => (column === 0 ? (ORIGINS[row] ?? '') : String(9_007_199_254_740_993n - BigInt(row))),
}

const PROPS = { chart: null, onChange: () => {} }

test('The arrow keys read the exact values of the points, and Enter chooses the row of one', async () => {
  const onSelect = vi.fn()
  render(<ResultChart {...PROPS} source={source} selectedRow={null} onSelect={onSelect} />)
  expect(screen.getByText('all 3 rows')).toBeDefined()
  screen.getByRole('application', { name: 'flights by origin, 3 points' }).focus()
  await userEvent.keyboard('{ArrowRight}')
  expect(screen.getByRole('status').textContent).toBe('ORD flights 9007199254740993')
  await userEvent.keyboard('{End}')
  expect(screen.getByRole('status').textContent).toBe('DFW flights 9007199254740991')
  await userEvent.keyboard('{ArrowLeft}{Enter}')
  expect(onSelect).toHaveBeenCalledWith(1)
})

test('The row that is chosen in the grid is the marked point', () => {
  render(<ResultChart {...PROPS} source={source} selectedRow={2} onSelect={() => {}} />)
  expect(screen.getByRole('status').textContent).toBe('DFW flights 9007199254740991')
})

test('The points are in a table, too, and a part of the rows is called so', async () => {
  const text = (row: number, column: number) => (column === 0 ? `airport ${row}` : '9007199254740993')
  const value = (row: number, column: number) => (column === 0 ? text(row, 0) : 9_007_199_254_740_993n)
  const many = { ...source, rowCount: MAX_BARS + 10, text, value }
  render(<ResultChart {...PROPS} source={many} selectedRow={null} onSelect={() => {}} />)
  expect(screen.getByText('· first 50 of 60 values of origin')).toBeDefined()
  await userEvent.click(screen.getByRole('button', { name: 'Show as table: chart' }))
  const table = screen.getByRole('table', { name: 'flights by origin' })
  expect(within(table).getAllByText('9007199254740993')).toHaveLength(MAX_BARS)
})

test('A result without numbers says what a chart needs', () => {
  const texts = { ...source, columns: source.columns.slice(0, 1) }
  render(<ResultChart {...PROPS} source={texts} selectedRow={null} onSelect={() => {}} />)
  expect(screen.getByText(/A chart needs a column of numbers/)).toBeDefined()
})

/** Flights of two airports on two days. */
const byDay: ChartSource = {
  columns: [
    { name: 'd', type: 'date', sqlType: 'DATE' },
    { name: 'origin', type: 'string', sqlType: 'VARCHAR' },
    { name: 'flights', type: 'long', sqlType: 'BIGINT' },
  ],
  rowCount: 4,
  isTruncated: false,
  value: (row, column) => [Math.floor(row / 2), ORIGINS[row % 2] ?? null, BigInt(300 + row)][column] ?? null,
  text: (row, column) => [`day ${Math.floor(row / 2)}`, ORIGINS[row % 2] ?? '', String(300 + row)][column] ?? '',
}

function Chart({ initial = null }: { initial?: ResultDisplay['chart'] }) {
  const [chart, setChart] = useState(initial)
  return <ResultChart source={byDay} chart={chart} onChange={setChart} selectedRow={null} onSelect={() => {}} />
}

test('Rows with the same X are series, between which the arrows up and down move', async () => {
  render(<Chart />)
  expect(screen.getByText('· vertical axis starts at 300, not at 0')).toBeDefined()
  screen.getByRole('application', { name: 'flights by d in 2 series, 4 points' }).focus()
  await userEvent.keyboard('{ArrowRight}')
  expect(screen.getByRole('status').textContent).toBe('day 0 ATL flights 301')
  await userEvent.keyboard('{ArrowDown}')
  expect(screen.getByRole('status').textContent).toBe('day 0 ORD flights 300')
  await userEvent.keyboard('{ArrowRight}')
  expect(screen.getByRole('status').textContent).toBe('day 1 ORD flights 302')
})

test('Without a series the rows are aggregated, as the chart says and the user chooses', async () => {
  render(<Chart />)
  await userEvent.click(screen.getByRole('combobox', { name: 'Series' }))
  await userEvent.click(await screen.findByRole('option', { name: 'none' }))
  expect(screen.getByText('· sum of flights where d repeats (up to 2 rows a point)')).toBeDefined()
  screen.getByRole('application', { name: 'sum of flights by d, 2 points' }).focus()
  await userEvent.keyboard('{ArrowRight}')
  expect(screen.getByRole('status').textContent).toBe('day 0 sum of flights 601')
  await userEvent.click(screen.getByRole('combobox', { name: 'Rows with the same X' }))
  await userEvent.click(await screen.findByRole('option', { name: 'Count' }))
  expect(screen.getByRole('application', { name: 'count of flights by d, 2 points' })).toBeDefined()
})

test('A chosen chart is reported by the names of its columns, and shown for a result that has these', async () => {
  const onChange = vi.fn()
  const props = { source: byDay, selectedRow: null, onSelect: () => {} }
  render(<ResultChart {...props} chart={null} onChange={onChange} />)
  await userEvent.click(screen.getByRole('combobox', { name: 'Kind of chart' }))
  await userEvent.click(await screen.findByRole('option', { name: 'Bars' }))
  const chosen = { kind: 'bar', x: 'origin', y: ['flights'], series: null, aggregation: 'sum' } as const
  expect(onChange).toHaveBeenCalledWith(chosen)
  cleanup()
  render(<ResultChart {...props} chart={{ ...chosen, y: ['flights'] }} onChange={onChange} />)
  expect(screen.getByRole('application', { name: 'sum of flights by origin, 2 points' })).toBeDefined()
  cleanup()
  // The usual chart of the result in its place.
  render(<ResultChart {...props} chart={{ ...chosen, x: 'carrier', y: ['flights'] }} onChange={onChange} />)
  expect(screen.getByRole('application', { name: 'flights by d in 2 series, 4 points' })).toBeDefined()
})
