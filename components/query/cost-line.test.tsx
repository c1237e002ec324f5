// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import type { QueryCost } from '@/lib/query/engine'
import { render } from '@/testing/components/render'
import { CostLine } from './cost-line'

afterEach(cleanup)

const COST: QueryCost = {
  statementNumber: 1,
  statementCount: 1,
  columns: 2,
  totalColumns: 9,
  readBytes: 2048,
  totalBytes: 4_194_304,
  decodedBytes: 4096,
  files: 3,
  totalFiles: 214,
  isFiltered: true,
  isFirstRowsOnly: false,
  isEstimate: false,
}

test('The cost of a query says how many files its conditions leave', () => {
  render(<CostLine cost={COST} isSelection={false} isTooLong={false} />)
  expect(screen.getByText(/would read/).textContent).toBe(
    'would read 2 of 9 columns, at most 2.00 KiB of 4.00 MiB in 3 of 214 files',
  )
})

test('The cost of a query without conditions counts the files that it reads', () => {
  render(<CostLine cost={{ ...COST, isFiltered: false, files: 214 }} isSelection={false} isTooLong={false} />)
  expect(screen.getByText(/would read/).textContent).toBe(
    'would read 2 of 9 columns, 2.00 KiB of 4.00 MiB in 214 files',
  )
})
