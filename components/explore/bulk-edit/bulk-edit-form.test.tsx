// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { keys } from '@/lib/client/keys'
import { listSelectedTables, startBulkChange } from '@/lib/contract/bulk-changes'
import { getSession } from '@/lib/contract/session'
import { sampleSession } from '@/testing/contract/sample-session'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import { BulkEditForm } from './bulk-edit-form'

const call = stubApi()
afterEach(cleanup)

const SESSION = sampleSession('editor')
const NAMES = Array.from({ length: 600 }, (_, i) => `t${String(i).padStart(4, '0')}`)
const push = vi.fn()

/** The server, which filters and pages the names of 600 tables. */
function answer(endpoint: unknown, input: { search?: string; offset?: number }) {
  if (endpoint === listSelectedTables) {
    const found = NAMES.filter((name) => name.includes(input.search ?? ''))
    const offset = input.offset ?? 0
    const end = offset + 10
    return {
      tables: found.slice(offset, end).map((table) => ({ namespace: ['demo'], table })),
      totalCount: found.length,
      nextOffset: end < found.length ? end : null,
      digest: `of ${input.search ?? 'all'}`,
      isTruncated: false,
    }
  }
  if (endpoint === startBulkChange) return { bulkChangeId: 'B1' }
  if (endpoint === getSession) return SESSION
  throw new Error('unexpected')
}

async function show() {
  push.mockReset()
  call.mockImplementation(answer)
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  client.setQueryData(keys.session(), SESSION)
  render(
    <QueryClientProvider client={client}>
      <BulkEditForm catalog="local" namespace={['demo']} />
    </QueryClientProvider>,
    { router: { push } },
  )
  await screen.findByRole('button', { name: 'Choose 600 tables' })
  await userEvent.click(screen.getByRole('combobox', { name: 'Property' }))
  await userEvent.paste('team')
  await userEvent.click(screen.getByRole('textbox', { name: 'Value' }))
  await userEvent.paste('ops')
  await userEvent.click(screen.getByRole('button', { name: 'Set' }))
}
const started = () => call.mock.calls.find(([endpoint]) => endpoint === startBulkChange)?.[1]

it('The form chooses all tables of the list, also those that it has not read, but for those that are unticked', async () => {
  await show()
  expect(screen.getByText('10 of 600 tables listed')).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Choose 600 tables' }))
  await userEvent.click(screen.getByRole('checkbox', { name: 'Choose t0001' }))
  await userEvent.click(screen.getByRole('button', { name: 'Preview 599 tables' }))
  await waitFor(() => expect(push).toHaveBeenCalledWith('/catalogs/local/bulk-changes/B1'))
  expect(started()).toMatchObject({
    selection: { namespace: ['demo'], depth: 'direct' },
    digest: 'of all',
    except: [{ namespace: ['demo'], table: 't0001' }],
    changes: [{ kind: 'set-property', key: 'team', value: 'ops' }],
  })
  expect(started()).not.toHaveProperty('only')
})

it('The form finds a table that is not on the page, and forgets the choice of another list', async () => {
  await show()
  await userEvent.click(screen.getByRole('button', { name: 'Choose 600 tables' }))
  await userEvent.type(screen.getByRole('searchbox', { name: 'Name contains' }), 't0599')
  expect(screen.getByText('No table is chosen.')).toBeTruthy()
  await userEvent.click(await screen.findByRole('checkbox', { name: 'Choose t0599' }))
  await screen.findByRole('button', { name: 'Choose 1 table' })
  await userEvent.click(screen.getByRole('button', { name: 'Preview 1 table' }))
  await waitFor(() => expect(push).toHaveBeenCalled())
  expect(started()).toMatchObject({ digest: 'of t0599', only: [{ namespace: ['demo'], table: 't0599' }] })
})

it('The form says that no table meets the conditions only when the server has found none', async () => {
  await show()
  await userEvent.type(screen.getByRole('searchbox', { name: 'Name contains' }), 'nothing')
  expect(await screen.findByText('No table meets all conditions.')).toBeTruthy()
})
