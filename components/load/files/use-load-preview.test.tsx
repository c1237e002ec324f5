// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, renderHook, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, expect, it } from 'vitest'
import type { LoadPreview } from '@/lib/contract/loads/loads'
import { AppError } from '@/lib/errors'
import { BY_NAME } from '@/lib/ingest/load-mapping'
import { SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { useLoadPreview } from './use-load-preview'

const call = stubApi()
afterEach(cleanup)

const OPTIONS = { format: 'ndjson', csv: null, mapping: BY_NAME } as const
const previewOf = (rowsRead: number): LoadPreview => ({
  delimiter: null,
  fields: [],
  columns: [],
  rows: [],
  rejects: [],
  rowsRead,
  rowsRejected: 0,
  isTruncated: true,
  unmappedFields: [],
  unknownColumns: [],
  missingFields: [],
  missingColumns: [],
  questions: [],
  emptiedColumns: [],
})

function renderPreview() {
  const client = new QueryClient()
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  )
  return renderHook(
    (hasBeginning: boolean) =>
      useLoadPreview(
        SAMPLE_IDENTIFIER,
        { uploadId: 'u1' },
        { hasBeginning, options: OPTIONS, holdDuring: (work) => work() },
      ),
    { wrapper, initialProps: false },
  )
}

it('The rows of the first bytes are shown when they are here, and are then read again with the rest', async () => {
  const answers: ((rowsRead: number) => void)[] = []
  call.mockImplementation(() => new Promise((resolve) => answers.push((rowsRead) => resolve(previewOf(rowsRead)))))
  const { result, rerender } = renderPreview()
  await waitFor(() => expect(answers).toHaveLength(1))
  // The rest has come before the answer: this does not stop the request.
  rerender(true)
  answers[0]?.(3)
  await waitFor(() => expect(result.current.data).toMatchObject({ rowsRead: 3, hasBeginning: false }))
  await waitFor(() => expect(answers).toHaveLength(2))
  expect(result.current.data).toMatchObject({ rowsRead: 3 })
  answers[1]?.(50)
  await waitFor(() => expect(result.current.data).toMatchObject({ rowsRead: 50, hasBeginning: true }))
  expect(result.current.isFetching).toBe(false)
  expect(answers).toHaveLength(2)
})

it('What was wrong with the first bytes alone is forgotten with the rest, and what is wrong with all is not', async () => {
  const refusal = new AppError('too-large', 'The header does not end in the first megabytes.')
  call.mockRejectedValue(refusal)
  const { result, rerender } = renderPreview()
  await waitFor(() => expect(result.current.error?.message).toBe(refusal.message))
  expect(call).toHaveBeenCalledTimes(1)
  rerender(true)
  await waitFor(() => expect(call).toHaveBeenCalledTimes(2))
  await waitFor(() => expect(result.current.isFetching).toBe(false))
  expect(result.current.error?.message).toBe(refusal.message)
  rerender(true)
  expect(call).toHaveBeenCalledTimes(2)
})
