// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { type ChartSource, MAX_BARS } from './chart-data'
import { ResultChart } from './result-chart'

afterEach(cleanup)

const ORIGINS = ['ORD', 'ATL', 'DFW']
const source: ChartSource = {
  columns: [
    { name: 'origin', type: 'string', sqlType: 'VARCHAR' },
    { name: 'flights', type: 'long', sqlType: 'BIGINT' },
  ],
  rowCount: 3,
  value: (row, column) => (column === 0 ? (ORIGINS[row] ?? null) : 9_007_199_254_740_993n - BigInt(row)),
  text: (row, column) => (column === 0 ? (ORIGINS[row] ?? '') : String(9_007_199_254_740_993n - BigInt(row))),
}

test('The arrow keys read the exact values of the points, and Enter chooses the row of one', async () => {
  const onSelect = vi.fn()
  render(<ResultChart source={source} selectedRow={null} onSelect={onSelect} />)
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
  render(<ResultChart source={source} selectedRow={2} onSelect={() => {}} />)
  expect(screen.getByRole('status').textContent).toBe('DFW flights 9007199254740991')
})

test('The points are in a table, too, and a part of the rows is called so', async () => {
  const rowCount = MAX_BARS + 10
  render(<ResultChart source={{ ...source, rowCount }} selectedRow={null} onSelect={() => {}} />)
  expect(screen.getByText('first 50 of 60 rows')).toBeDefined()
  await userEvent.click(screen.getByRole('button', { name: 'Show as table: chart' }))
  const table = screen.getByRole('table', { name: 'flights by origin' })
  expect(within(table).getByText('9007199254740993')).toBeDefined()
})

test('A result without numbers says what a chart needs', () => {
  const texts = { ...source, columns: source.columns.slice(0, 1) }
  render(<ResultChart source={texts} selectedRow={null} onSelect={() => {}} />)
  expect(screen.getByText(/A chart needs a column of numbers/)).toBeDefined()
})
