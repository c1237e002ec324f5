// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { dayMs, sampleIngestion, sums } from '@/testing/components/sample-ingestion'
import { amountFormat } from './amount-format'
import { IngestionTables } from './ingestion-tables'

afterEach(cleanup)

const table = (
  name: string,
  terms: Parameters<typeof sums>[0],
  previousCameIn = 0,
  droppedAtMs: number | null = null,
) => ({
  table: { catalog: 'local', namespace: ['sales'], table: name },
  droppedAtMs,
  terms: sums(terms),
  previousCameIn,
  storedBytes: 1024,
  sinceMs: null,
  medianFileBytes: droppedAtMs === null ? 2048 : null,
})

it('Tables end with the others and with a total that repeats the equation, in every order', async () => {
  const data = sampleIngestion({
    days: [{ 'came-in': 135, removed: 30, 'taken-back': 5 }],
    tables: [
      table('orders', { 'came-in': 100, 'taken-back': 5 }, 80),
      { ...table('old', { 'came-in': 5, removed: 30 }, 4, dayMs(1)), sinceMs: dayMs(-2) },
    ],
    others: { ...table('', { 'came-in': 30 }), tableCount: 7 },
    storedBytes: 4096,
    previousCameIn: 80,
  })
  const onMatch = vi.fn<(match: string) => void>()
  render(<IngestionTables data={data} format={amountFormat('rows')} match="" onMatch={onMatch} />)
  const rows = () =>
    within(screen.getByRole('table', { name: 'Tables' }))
      .getAllByRole('row')
      .slice(1)
      .map((row) =>
        within(row)
          .getAllByRole('cell')
          .map(({ textContent }) => textContent),
      )
  const [total, others] = [
    ['9 tables', '135', '+68.8%', '30', '5', '+100', '0', '4.00 KiB', ''],
    ['7 others', '30', 'none before', '0', '0', '+30', '0', '1.00 KiB', ''],
  ]
  expect(rows()).toEqual([
    ['sales.orders', '100', '+25.0%', '0', '5', '+95', '0', '1.00 KiB', '2.00 KiB'],
    [
      'sales.old dropped 9 Nov',
      '5',
      'since 6 Nov',
      '30',
      '0',
      '−25',
      '0',
      '1.00 KiB',
      '–unknown: no file came in whose size is known',
    ],
    others,
    total,
  ])
  await userEvent.click(screen.getByRole('button', { name: 'Removed' }))
  expect(rows().map(([name]) => name)).toEqual(['sales.old dropped 9 Nov', 'sales.orders', '7 others', '9 tables'])
  await userEvent.type(screen.getByRole('searchbox', { name: 'Find a table' }), 'o')
  expect(onMatch).toHaveBeenCalledWith('o')
})
