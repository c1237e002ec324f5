// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { enterText } from '@/testing/components/enter-text'
import { afterEach, expect, it, vi } from 'vitest'
import { keys } from '@/lib/client/keys'
import { listGrantHolders } from '@/lib/contract/access'
import { listSelectedTables, startBulkChange } from '@/lib/contract/bulk-changes'
import { listNamespaces } from '@/lib/contract/namespaces'
import { getSession } from '@/lib/contract/session'
import type { Role } from '@/lib/permissions'
import { sampleSession } from '@/testing/contract/sample-session'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import { BulkEditForm } from './bulk-edit-form'

const call = stubApi()
afterEach(cleanup)

let session = sampleSession('editor')
const NAMES = Array.from({ length: 600 }, (_, i) => `t${String(i).padStart(4, '0')}`)
const push = vi.fn()

/** The server, which filters and pages the names of 600 tables. */
function answer(endpoint: unknown, input: { search?: string; offset?: number; minBytes?: number }) {
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
      unknownSizeCount: input.minBytes === undefined ? 0 : 12,
    }
  }
  if (endpoint === startBulkChange) return { bulkChangeId: 'B1' }
  if (endpoint === listNamespaces) return { namespaces: [], isTruncated: false, skippedCount: 0 }
  if (endpoint === listGrantHolders)
    return { holders: [{ kind: 'group', id: 'g1', name: 'finance' }], isTruncated: false }
  if (endpoint === getSession) return session
  throw new Error('unexpected')
}

async function show(canDrop = true, role: Role = 'editor') {
  session = sampleSession(role)
  push.mockReset()
  call.mockImplementation(answer)
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  client.setQueryData(keys.session(), session)
  render(
    <QueryClientProvider client={client}>
      <BulkEditForm catalog="local" namespace={['demo']} canDrop={canDrop} />
    </QueryClientProvider>,
    { router: { push } },
  )
  await screen.findByRole('button', { name: 'Choose 600 tables' })
}

async function setProperty() {
  await enterText(screen.getByRole('combobox', { name: 'Property' }), 'team')
  await enterText(screen.getByRole('textbox', { name: 'Value' }), 'ops')
  await userEvent.click(screen.getByRole('button', { name: 'Set' }))
}
const started = () => call.mock.calls.find(([endpoint]) => endpoint === startBulkChange)?.[1]

it('The form chooses all tables of the list, also those that it has not read, but for those that are unticked', async () => {
  await show()
  await setProperty()
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

it('The form finds a table that is not on the page, forgets the choice of another list, and says that no table meets the conditions only when the server has found none', async () => {
  await show()
  await setProperty()
  await userEvent.click(screen.getByRole('button', { name: 'Choose 600 tables' }))
  await enterText(screen.getByRole('searchbox', { name: 'Name contains' }), 't0599')
  expect(screen.getByText('No table is chosen.')).toBeTruthy()
  await userEvent.click(await screen.findByRole('checkbox', { name: 'Choose t0599' }))
  await screen.findByRole('button', { name: 'Choose 1 table' })
  await userEvent.click(screen.getByRole('button', { name: 'Preview 1 table' }))
  await waitFor(() => expect(push).toHaveBeenCalled())
  expect(started()).toMatchObject({ digest: 'of t0599', only: [{ namespace: ['demo'], table: 't0599' }] })
  expect(screen.queryByText('No table meets all conditions.')).toBeNull()
  await enterText(screen.getByRole('searchbox', { name: 'Name contains' }), ' or nothing')
  expect(await screen.findByText('No table meets all conditions.')).toBeTruthy()
})

it('The form says how many tables are not listed because their size is not known, and starts with no size that it cannot read', async () => {
  await show()
  await enterText(screen.getByRole('textbox', { name: 'Size at least' }), '1.5 GiB')
  expect(await screen.findByText(/^12 tables of unknown size are not listed/)).toBeTruthy()
  const request = call.mock.calls.filter(([endpoint]) => endpoint === listSelectedTables).at(-1)?.[1]
  expect(request).toMatchObject({ minBytes: 1_610_612_736 })
  const choose = screen.getByRole('button', { name: 'Choose 600 tables' })
  await waitFor(() => expect(choose).toHaveProperty('disabled', false))
  await enterText(screen.getByRole('textbox', { name: 'Data files at most' }), 'many')
  await waitFor(() => expect(call.mock.calls.at(-1)?.[1]).not.toHaveProperty('maxFiles'))
  expect(choose).toHaveProperty('disabled', true)
})

it('The form previews a move to a namespace, and a drop where the catalog can restore tables, and offers no grants to users who may not manage access', async () => {
  await show()
  await userEvent.click(screen.getByRole('checkbox', { name: 'Choose t0001' }))
  expect(screen.queryByRole('radio', { name: 'grants' })).toBeNull()
  await userEvent.click(screen.getByRole('radio', { name: 'move' }))
  expect(screen.getByRole('button', { name: 'Preview 1 table' })).toHaveProperty('disabled', true)
  await enterText(screen.getByRole('combobox', { name: 'To the namespace' }), 'archive.old')
  await userEvent.click(screen.getByRole('button', { name: 'Preview 1 table' }))
  await waitFor(() => expect(push).toHaveBeenCalled())
  expect(started()).toMatchObject({ changes: [{ kind: 'move', toNamespace: ['archive', 'old'] }] })
  await userEvent.click(screen.getByRole('radio', { name: 'drop' }))
  await userEvent.click(screen.getByRole('button', { name: 'Preview 1 table' }))
  await waitFor(() => expect(push).toHaveBeenCalledTimes(2))
  const starts = call.mock.calls.filter(([endpoint]) => endpoint === startBulkChange)
  expect(starts.at(-1)?.[1]).toMatchObject({ changes: [{ kind: 'drop' }] })
})

it('The form drops no tables that the catalog could not restore', async () => {
  await show(false)
  await userEvent.click(screen.getByRole('checkbox', { name: 'Choose t0001' }))
  await userEvent.click(screen.getByRole('radio', { name: 'drop' }))
  expect(screen.getByText('local could not restore dropped tables. Drop them one by one.')).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Preview 1 table' })).toHaveProperty('disabled', true)
})

it('The form grants a role to a user or a group, or takes it, for users who may manage access', async () => {
  await show(true, 'admin')
  await userEvent.click(screen.getByRole('checkbox', { name: 'Choose t0001' }))
  await userEvent.click(screen.getByRole('radio', { name: 'grants' }))
  const preview = screen.getByRole('button', { name: 'Preview 1 table' })
  await enterText(screen.getByRole('combobox', { name: 'User or group' }), 'finance (grou')
  expect(preview).toHaveProperty('disabled', true)
  await enterText(screen.getByRole('combobox', { name: 'User or group' }), 'p)')
  await userEvent.click(screen.getByRole('radio', { name: 'editor' }))
  await waitFor(() => expect(preview).toHaveProperty('disabled', false))
  await userEvent.click(preview)
  await waitFor(() => expect(push).toHaveBeenCalledTimes(1))
  const holder = { kind: 'group', id: 'g1', name: 'finance' }
  expect(started()).toMatchObject({ changes: [{ kind: 'grant', holder, role: 'editor' }] })
  await userEvent.click(screen.getByRole('radio', { name: 'none' }))
  await userEvent.click(preview)
  await waitFor(() => expect(push).toHaveBeenCalledTimes(2))
  const starts = call.mock.calls.filter(([endpoint]) => endpoint === startBulkChange)
  expect(starts.at(-1)?.[1]).toMatchObject({ changes: [{ kind: 'grant', holder, role: null }] })
})
