import { render, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import { draftOfDeclaration } from '@/lib/changes/new-table/new-table-draft'
import { PartitionEstimate } from './partition-estimate'
import type { SampledRows } from '../sample-column'

const DAYS = Array.from(
  { length: 40 },
  (_, i) => `2026-${i < 31 ? '10' : '11'}-${String((i % 31) + 1).padStart(2, '0')}`,
)
const ROWS: SampledRows = {
  fileName: 'trips.csv',
  fileBytes: 40 * 1024 * 1024,
  from: 'spread',
  sampledBytes: 1024 * 1024,
  csv: null,
  paths: new Map([[1, ['start']]]),
  read: () =>
    Promise.resolve(
      DAYS.map(
        (day) =>
          ([name = '']) =>
            name === 'start' ? day : null,
      ),
    ),
}

/** The column of the file has another name in the draft. */
const draftBy = (transform: string, column = 'day') =>
  draftOfDeclaration({
    columns: [
      { name: 'day', type: 'date' },
      { name: 'city', type: 'string' },
    ],
    'partition-fields': [{ column, name: 'p', transform }],
  })

it('Rows of the file say how many partitions a new table would have, and how large', async () => {
  const { rerender } = render(<PartitionEstimate rows={ROWS} draft={draftBy('day')} />)
  expect((await screen.findByRole('status')).textContent).toBe('≈ 40 partitions, about 1.00 MiB of trips.csv in each')
  expect(screen.getByRole('img', { name: 'Rows of 40 partitions in the sample, from 1 to 1' })).toBeTruthy()
  rerender(<PartitionEstimate rows={ROWS} draft={draftBy('month')} />)
  expect(screen.getByRole('status').textContent).toBe('≈ 2 partitions, about 20.0 MiB of trips.csv in each')
  expect(screen.getByRole('img', { name: 'Rows of 2 partitions in the sample, from 9 to 31' })).toBeTruthy()
  rerender(<PartitionEstimate rows={{ ...ROWS, from: 'beginning' }} draft={draftBy('year')} />)
  expect((await screen.findByRole('status')).textContent).toMatch(
    /^At least 1 partition, at most 40.0 MiB .* by its first rows$/,
  )
})

it('A spec by a column that the file does not have, and a file that cannot be read again, say so', async () => {
  const { rerender } = render(<PartitionEstimate rows={ROWS} draft={draftBy('identity', 'city')} />)
  expect(screen.getByText('The file has no such column.')).toBeTruthy()
  const gone = { ...ROWS, read: () => Promise.reject(new Error('it was removed.')) }
  rerender(<PartitionEstimate rows={gone} draft={draftBy('day')} />)
  expect(await screen.findByText('trips.csv could not be read again: it was removed.')).toBeTruthy()
})
