// @vitest-environment happy-dom
import { cleanup, renderHook, waitFor } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import type { LoadOptions } from '@/lib/client/jobs/loads'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { BY_NAME } from '@/lib/ingest/load-mapping'
import { useSettledOptions } from './use-settled-options'

afterEach(cleanup)

it('Choices count at once, texts after a pause', async () => {
  const options: LoadOptions = { format: 'csv', csv: CSV_DEFAULTS, mapping: BY_NAME }
  const { result, rerender } = renderHook((given: LoadOptions) => useSettledOptions(given), { initialProps: options })
  const semicolons = { ...options, csv: { ...CSV_DEFAULTS, delimiter: ';' } }
  rerender(semicolons)
  expect(result.current).toBe(semicolons)
  const leftOut = { ...semicolons, mapping: { columns: {}, ignoredFields: ['note'] } }
  rerender(leftOut)
  expect(result.current).toBe(leftOut)
  const typed = { ...leftOut, mapping: { columns: { km: { sql: 'm / 10' } }, ignoredFields: ['note'] } }
  rerender(typed)
  expect(result.current).toBe(leftOut)
  await waitFor(() => expect(result.current).toBe(typed))
})
