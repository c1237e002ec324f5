import { screen, within } from '@testing-library/react'
import { expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { sampleIngestion, sums } from '@/testing/components/sample-ingestion'
import { amountFormat } from './amount-format'
import { PartitionList } from './partition-list'

const data = sampleIngestion({ days: [{ 'came-in': 120 }] })
const partitions = {
  table: { catalog: 'local', namespace: ['sales'], table: 'orders' },
  listed: [
    { name: 'day=1', terms: sums({ 'came-in': 130, 'taken-back': 5 }), newestMs: Date.UTC(2026, 10, 9) },
    { name: 'day=2', terms: sums({ 'came-in': -30, 'taken-back': -5 }), newestMs: Date.UTC(2026, 10, 8) },
  ],
  others: { count: 3, terms: sums({ 'came-in': 20 }) },
  dayCount: 31,
  unknownDays: 2,
  crowdedDays: 1,
}
const rowOf = (name: string) =>
  within(screen.getByRole('row', { name: new RegExp(`^${name}`) }))
    .getAllByRole('cell')
    .map(({ textContent }) => textContent)

it('lists partitions with their terms, also those that only cancel out, and says why the rest is in the others', () => {
  render(<PartitionList data={data} partitions={partitions} format={amountFormat('rows')} />)
  const headers = screen.getAllByRole('columnheader').map(({ textContent }) => textContent)
  expect(headers).toEqual(['Partition', 'Came in', 'Removed', 'Taken back', 'Net', 'Newest'])
  expect(rowOf('day=2')).toEqual(['day=2', '−30', '0', '−5', '−25', '8 Nov 2026'])
  expect(rowOf('Other')).toEqual(['Other, with 3 partitions more', '20', '0', '0', '+20', ''])
  expect(rowOf('Table')).toEqual(['Table', '120', '0', '0', '+120', ''])
  expect(screen.getByText(/not all known/).textContent).toMatch(
    /^The partitions of 2 of 31 days are not all known.*On 1 day more than 20 partitions moved/,
  )
})
