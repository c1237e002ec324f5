import { render, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import { draftOfDeclaration } from '@/lib/changes/new-table/new-table-draft'
import type { SampledRows } from '../sample-column'
import { OrderEstimate } from './order-estimate'

/** A tenth of a percent of a file of 1,600,000 rows. */
const ROWS: SampledRows = {
  fileName: 'trips.csv',
  fileBytes: 1000 * 16_000,
  from: 'spread',
  sampledBytes: 16_000,
  csv: null,
  paths: new Map([
    [1, ['key']],
    [2, ['at']],
  ]),
  read: () =>
    Promise.resolve(
      Array.from(
        { length: 1600 },
        (_, i) =>
          ([name = '']) =>
            String(name === 'key' ? (i * 7919) % 1601 : i),
      ),
    ),
}
const draftBy = (column: string) =>
  draftOfDeclaration({
    columns: [
      { name: 'key', type: 'long' },
      { name: 'at', type: 'long' },
    ],
    'sort-fields': [{ column, transform: 'identity', direction: 'asc', 'null-order': 'nulls-first' }],
  })

it('The rows of the file say what a sort order would change, or that it would change nothing', async () => {
  const { rerender } = render(<OrderEstimate rows={ROWS} draft={draftBy('key')} />)
  const estimate = await screen.findByRole('status')
  expect(estimate.textContent).toMatch(
    /^A filter for one value of key reads ≈ 4.0% of the row groups. In the order of trips.csv it would read ≈ 98.1%.$/,
  )
  rerender(<OrderEstimate rows={ROWS} draft={draftBy('at')} />)
  expect(screen.getByRole('status').textContent).toMatch(
    /are already in this order: .* reads ≈ 4.0% of the row groups with or without it.$/,
  )
  rerender(<OrderEstimate rows={{ ...ROWS, fileBytes: 16_000 }} draft={draftBy('key')} />)
  expect((await screen.findByText(/fill one row group/)).textContent).toBe(
    'The rows of trips.csv fill one row group, so queries read as much as without the order.',
  )
})

it('Nothing is said of an order by the first rows of a file, or of a compressed one', async () => {
  const { container, rerender } = render(<OrderEstimate rows={{ ...ROWS, from: 'beginning' }} draft={draftBy('key')} />)
  await Promise.resolve()
  expect(container.textContent).toBe('')
  rerender(<OrderEstimate rows={{ ...ROWS, sampledBytes: null }} draft={draftBy('key')} />)
  await Promise.resolve()
  expect(container.textContent).toBe('')
})
