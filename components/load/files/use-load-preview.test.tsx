// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, renderHook, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { BY_NAME } from '@/lib/ingest/load-mapping'
import { SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { SAMPLE_PREVIEW } from '@/testing/contract/sample-preview'
import { useLoadPreview } from './use-load-preview'

const call = stubApi()
afterEach(cleanup)

const OPTIONS = { format: 'ndjson', csv: null, mapping: BY_NAME } as const
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
  call.mockImplementation(
    () => new Promise((resolve) => answers.push((rowsRead) => resolve({ ...SAMPLE_PREVIEW, rowsRead }))),
  )
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
  const message = 'The header does not end in the first megabytes.'
  const refuse: (() => void)[] = []
  call.mockImplementation(
    () => new Promise((_resolve, reject) => refuse.push(() => reject(new AppError('too-large', message)))),
  )
  const { result, rerender } = renderPreview()
  await waitFor(() => expect(refuse).toHaveLength(1))
  // The rest may come before the first bytes are refused.
  rerender(true)
  refuse[0]?.()
  await waitFor(() => expect(refuse).toHaveLength(2))
  refuse[1]?.()
  await waitFor(() => expect(result.current.isFetching).toBe(false))
  expect(result.current.error?.message).toBe(message)
  rerender(true)
  expect(refuse).toHaveLength(2)
})
