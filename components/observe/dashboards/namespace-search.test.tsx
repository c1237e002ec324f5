// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import { NamespaceSearch } from './namespace-search'

const call = stubApi()
afterEach(cleanup)

it('offers a namespace that the server finds among more than are listed', async () => {
  const entry = (name: string) => ({ namespace: [name], namespaceCount: 0, tableCount: 1, viewCount: 0 })
  call.mockImplementation((_, { search = '' }) =>
    // Only for the whole text: an option of an earlier response would be replaced while it is clicked.
    search === 'n_42'
      ? { namespaces: [entry('n_4242')], isTruncated: false, skippedCount: 0 }
      : { namespaces: [entry('n_0')], isTruncated: true, skippedCount: 0 },
  )
  const choose = vi.fn()
  render(
    <QueryClientProvider client={new QueryClient()}>
      <NamespaceSearch catalog="local" chosen={null} onChoose={choose} />
    </QueryClientProvider>,
    { hasShortPauses: true },
  )
  await userEvent.type(screen.getByRole('combobox', { name: 'Namespace' }), 'n_42')
  await userEvent.click(await screen.findByRole('option', { name: 'n_4242' }))
  expect(choose.mock.calls[0]?.[0]).toBe('n_4242')
})
