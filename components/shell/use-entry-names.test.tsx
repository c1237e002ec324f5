// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import { useEntryNames } from './use-entry-names'

const call = stubApi()
afterEach(cleanup)

function Names({ typed }: { typed: string }) {
  const on = { catalog: 'local', namespace: ['demo'] }
  const { names } = useEntryNames('table', on, { typed, enabled: true })
  return <output>{names.join(' ')}</output>
}

const show = (typed: string) =>
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <Names typed={typed} />
    </QueryClientProvider>,
    { hasShortPauses: true },
  )

it('offers the names that the server finds when there are more than a page', async () => {
  call.mockImplementation((_, { search = '' }) =>
    search === ''
      ? { tables: ['t_0'], totalCount: 5_000, nextOffset: 1_000 }
      : { tables: ['t_4242'], totalCount: 1, nextOffset: null },
  )
  show('t_42')
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('t_4242'))
})

it('asks once for names that fit on a page', async () => {
  call.mockResolvedValue({ tables: ['t_0', 't_42'], totalCount: 2, nextOffset: null })
  show('t_42')
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('t_0 t_42'))
  expect(call).toHaveBeenCalledTimes(1)
})
