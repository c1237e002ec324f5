// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { namespaceLabel } from '@/lib/names/identifiers'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import { useKnownNamespaces } from './use-known-namespaces'

const call = stubApi()
afterEach(cleanup)

function Namespaces({ typed }: { typed: string }) {
  const { namespaces } = useKnownNamespaces({ catalog: 'local', parent: ['demo'] }, { typed })
  return <output>{namespaces.map(namespaceLabel).join(' ')}</output>
}

const show = (typed: string) =>
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <Namespaces typed={typed} />
    </QueryClientProvider>,
    { hasShortPauses: true },
  )

const entry = (name: string) => ({ namespace: ['demo', name], namespaceCount: 0, tableCount: 0, viewCount: 0 })

it('offers the namespaces that the server finds when the list is cut', async () => {
  call.mockImplementation((_, { search = '' }) =>
    search === ''
      ? { namespaces: [entry('n_0')], isTruncated: true, skippedCount: 0 }
      : { namespaces: [entry('n_4242')], isTruncated: false, skippedCount: 0 },
  )
  show('n_42')
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('demo.n_4242'))
})

it('reads a whole list once', async () => {
  call.mockResolvedValue({ namespaces: [entry('n_0'), entry('n_42')], isTruncated: false, skippedCount: 0 })
  show('n_42')
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('demo.n_0 demo.n_42'))
  expect(call).toHaveBeenCalledTimes(1)
})
