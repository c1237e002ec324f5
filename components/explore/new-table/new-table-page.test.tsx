// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { keys } from '@/lib/client/keys'
import { AppError } from '@/lib/errors'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import { sampleSession } from '@/testing/contract/sample-session'
import { NewTablePage } from './new-table-page'

const call = stubApi()
afterEach(cleanup)

it('says that a table cannot begin with the source of the address', async () => {
  call.mockRejectedValue(new AppError('forbidden', 'Not in this test.'))
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  client.setQueryData(keys.session(), sampleSession('editor'))
  render(
    <QueryClientProvider client={client}>
      <NewTablePage catalog="local" namespace={['demo']} />
    </QueryClientProvider>,
    { query: '?source=zz' },
  )
  expect(
    await screen.findByText(/^“zz” in \?source= is none of declare, .* Columns are declared one by one\.$/),
  ).toBeTruthy()
})
