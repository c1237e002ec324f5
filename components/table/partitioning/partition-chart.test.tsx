// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it } from 'vitest'
import type { SimulatedLayout, WireEstimate } from '@/lib/contract/table/layout'
import { render } from '@/testing/components/render'
import { PartitionChart } from './partition-chart'

afterEach(cleanup)

const exact = (value: number): WireEstimate => ({ low: value, estimate: null, high: value })

const LAYOUT: SimulatedLayout = {
  label: 'month(date)',
  partitions: exact(2),
  files: exact(2),
  medianRows: exact(100),
  largestRows: exact(300),
  smallPartitions: exact(0),
  skew: exact(3),
  listed: [
    { label: 'date_month=2001-01', rows: exact(300) },
    { label: 'date_month=2001-02', rows: { low: 50, estimate: 100, high: 150 } },
  ],
  isListComplete: true,
  exactRows: 300,
  spannedRows: 100,
  unboundedRows: 0,
  sampledRows: 10,
  isEveryRowRead: false,
}

it('draws each partition against an even distribution, and has the numbers in a table', async () => {
  render(<PartitionChart layout={LAYOUT} rowCount={400} warnings={['Too few rows.']} doubts={['Estimated.']} />)
  const panel = screen.getByRole('region', { name: 'Rows per partition' })
  expect(within(panel).getByText('even').parentElement?.title).toBe('200 rows')
  expect(within(panel).getByTitle('date_month=2001-02: ≈ 100, 50 to 150 rows')).toBeTruthy()
  expect(within(panel).getByText('2001-01')).toBeTruthy()
  expect(panel.textContent).toContain('Too few rows.')
  await userEvent.click(within(panel).getByRole('button', { name: /^Show as table/ }))
  // The code of the table is loaded then.
  const rows = (await within(panel).findAllByRole('row')).slice(1)
  expect(rows.map((row) => row.textContent)).toEqual(['date_month=2001-01300300300', 'date_month=2001-0210050150'])
})

it('draws no line for an even distribution if the number of partitions is unknown, or one', () => {
  render(
    <PartitionChart
      layout={{ ...LAYOUT, partitions: { low: 1, estimate: null, high: 9 } }}
      rowCount={400}
      warnings={[]}
      doubts={[]}
    />,
  )
  expect(screen.queryByText('even')).toBeNull()
  cleanup()
  const all = { ...LAYOUT, label: '', partitions: exact(1), listed: [{ label: '', rows: exact(400) }] }
  render(<PartitionChart layout={all} rowCount={400} warnings={[]} doubts={[]} />)
  expect(screen.queryByText('even')).toBeNull()
  expect(screen.getByText('all rows')).toBeTruthy()
})
