// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { ChartPanel } from './chart-panel'

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

const renderPanel = () =>
  render(
    <ChartPanel
      title="Rows"
      height={200}
      fileName="rows"
      numbers={{
        rowHeader: 'Time',
        columns: [
          { name: '=demo.flights', measure: 'count' },
          { name: 'stored', measure: 'bytes' },
        ],
        rows: [{ text: '20 Nov 09:00', csv: '2026-11-20T08:00:00.000Z', values: [3_000_000, null] }],
      }}
    >
      <p>the chart</p>
    </ChartPanel>,
  )

it('switches between the chart and its numbers', async () => {
  renderPanel()
  await userEvent.click(screen.getByRole('button', { name: 'Show as table: Rows' }))
  const table = await screen.findByRole('table', { name: 'Rows' })
  expect(
    within(table)
      .getAllByRole('cell')
      .map((cell) => cell.textContent),
  ).toEqual(['20 Nov 09:00', '3,000,000', '–unknown: not known'])
  expect(screen.queryByText('the chart')).toBeNull()
  await userEvent.click(screen.getByRole('button', { name: 'Show as chart: Rows' }))
  expect(screen.getByText('the chart')).toBeTruthy()
})

it('downloads the same numbers as CSV that a spreadsheet does not run as formulas', async () => {
  const saved: Blob[] = []
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
    if (blob instanceof Blob) saved.push(blob)
    return 'blob:rows'
  })
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => {})
  renderPanel()
  await userEvent.click(screen.getByRole('button', { name: 'Download CSV: Rows' }))
  expect(await saved[0]?.text()).toBe("Time,'=demo.flights,stored\r\n2026-11-20T08:00:00.000Z,3000000,\r\n")
})
