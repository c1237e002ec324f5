// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { render } from '@/testing/components/render'
import { ZERO_COST } from '@/lib/client/duckdb/load-columns'
import type { QueryResult } from '@/lib/client/duckdb/query-types'
import { Results } from './results'

afterEach(cleanup)

const RESULT: QueryResult = {
  columns: [],
  batches: [],
  rowCount: 0,
  isCut: false,
  cost: ZERO_COST,
  timing: { startMs: 0, planMs: 0, fetchMs: 0, decodeMs: 0, insertMs: 0, runMs: 7, totalMs: 7 },
  columnsRead: 0,
  totalColumns: 0,
  utcColumns: [],
  sizeMismatches: [],
  isText: true,
}

test('A result names the files whose size differs from the table’s metadata', () => {
  const sizeMismatches = [{ path: 'file:///lake/a.parquet', declaredBytes: 2000, actualBytes: 1000 }]
  render(<Results result={{ ...RESULT, sizeMismatches }} />)
  const mismatchNote = screen.getByText('1 file with an unexpected size')
  expect(mismatchNote.title).toBe('file:///lake/a.parquet: 1,000 bytes, not 2,000 bytes')
  cleanup()
  render(<Results result={RESULT} />)
  expect(screen.getByRole('contentinfo').textContent).toBe('run 7 ms')
})
