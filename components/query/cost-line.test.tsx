// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { QueryCost } from '@/lib/query/engine'
import { chooseTimeZone } from '@/lib/time-zone'
import { render } from '@/testing/components/render'
import { CostLine } from './cost-line'

beforeAll(() => chooseTimeZone('Europe/Berlin'))
afterAll(() => chooseTimeZone(null))
afterEach(cleanup)

const COST: QueryCost = {
  statementNumber: 1,
  statementCount: 1,
  columns: 2,
  totalColumns: 9,
  cachedColumns: 0,
  readBytes: 2048,
  totalBytes: 4_194_304,
  decodedBytes: 4096,
  files: 3,
  totalFiles: 214,
  isFiltered: true,
  isFirstRowsOnly: false,
  isEstimate: false,
}

test('The cost of a query says how many files its conditions leave', async () => {
  render(<CostLine cost={COST} isSelection={false} isTooLong={false} />)
  expect((await screen.findByText(/would read/)).textContent).toBe(
    'would read 2 of 9 columns, up to about 2.00 KiB of 4.00 MiB in 3 of 214 files',
  )
})

test('The cost of a query whose first rows are enough is about the most that is read', async () => {
  const cost = { ...COST, isFiltered: false, isFirstRowsOnly: true, isEstimate: true }
  render(<CostLine cost={cost} isSelection={false} isTooLong={false} />)
  expect((await screen.findByText(/would read/)).textContent).toBe(
    'would read 2 of 9 columns, up to about 2.00 KiB of 4.00 MiB in the first rows of 3 files',
  )
})

test('The cost of a query without conditions counts the files that it reads', async () => {
  render(<CostLine cost={{ ...COST, isFiltered: false, files: 214 }} isSelection={false} isTooLong={false} />)
  expect((await screen.findByText(/would read/)).textContent).toBe(
    'would read 2 of 9 columns, 2.00 KiB of 4.00 MiB in 214 files',
  )
})

test.each([
  ['0 B to read (2 of 9 columns cached)', { cachedColumns: 2, decodedBytes: 0 }],
  ['0 B to read (2 of 9 columns cached)', { cachedColumns: 2, files: 1 }],
  ['0 B to read (no files)', { totalFiles: 0, decodedBytes: 0 }],
  ['0 B to read (0 of 214 files)', { decodedBytes: 0 }],
  ['would read 2 of 9 columns of metadata', { totalFiles: 0 }],
  ['0 B to read (metadata only)', { columns: 0, decodedBytes: 0 }],
])('The cost of a query without bytes says why: %s', async (text, change) => {
  render(<CostLine cost={{ ...COST, readBytes: 0, files: 0, ...change }} isSelection={false} isTooLong={false} />)
  expect((await screen.findByText(/to read|would read/)).textContent).toBe(text)
})

test('The instants of times without an offset are shown as in the result', async () => {
  const timesInUtc = Array.from({ length: 5 }, (_, day) => ({
    text: `2026-11-2${day}`,
    micros: BigInt(Date.UTC(2026, 10, 20 + day)) * 1000n,
  }))
  render(<CostLine cost={{ ...COST, timesInUtc }} isSelection={false} isTooLong={false} />)
  expect((await screen.findByText(/'2026-11-20' is/)).textContent).toBe("'2026-11-20' is 2026-11-20 01:00:00+01:00")
  expect(screen.getByText('2 more')).toBeTruthy()
})
