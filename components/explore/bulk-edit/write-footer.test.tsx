// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import type { TableEdit, WriteMethod } from '@/lib/client/bulk-edit/bulk-edit'
import { keys } from '@/lib/client/keys'
import type { Resource, Role } from '@/lib/permissions'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import { WriteFooter } from './write-footer'

stubApi()
afterEach(cleanup)

const READY: TableEdit = { state: 'ready', intents: [], values: [], warnings: [] }
const onWrite = vi.fn<(tables: readonly string[], methodOf: (table: string) => WriteMethod) => void>()

function show(grants: readonly { role: Role; resource: Resource }[], requiredBy: string[] | null = null) {
  onWrite.mockReset()
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity } } })
  client.setQueryData(keys.session(), { userId: 'u1', username: 'ada', permissions: [], grants })
  render(
    <QueryClientProvider client={client}>
      <WriteFooter
        catalog="local"
        namespace={['demo']}
        edits={new Map([['own', READY] as const, ['other', READY] as const])}
        chosenCount={2}
        running={null}
        requiredBy={requiredBy}
        onCancel={vi.fn()}
        onWrite={onWrite}
      />
    </QueryClientProvider>,
  )
}
const OWN = { role: 'editor', resource: { catalog: 'local', namespace: ['demo'], table: 'own' } } as const
const offeredActions = () => {
  const [tables, methodOf] = onWrite.mock.calls[0] ?? []
  return (tables ?? []).map((table) => [table, methodOf?.(table)])
}

it('A table that the user may change is committed, and the others are proposed', async () => {
  show([OWN, { role: 'viewer', resource: { catalog: 'local', namespace: ['demo'] } }])
  expect(screen.getByText(/You may only propose changes of 1 of them/)).toBeTruthy()
  await userEvent.type(screen.getByRole('textbox', { name: 'Title of the proposals' }), 'As agreed')
  await userEvent.click(screen.getByRole('button', { name: 'Commit to 1 table, propose for 1' }))
  expect(offeredActions()).toEqual([
    ['own', { kind: 'commit' }],
    ['other', { kind: 'propose', title: 'As agreed', note: '' }],
  ])
})

it('All of them are committed where the user may change the namespace, and proposed where two people are needed', async () => {
  show([{ role: 'editor', resource: { catalog: 'local', namespace: ['demo'] } }])
  await userEvent.click(screen.getByRole('button', { name: 'Commit to 2 tables' }))
  expect(offeredActions()).toEqual([
    ['own', { kind: 'commit' }],
    ['other', { kind: 'commit' }],
  ])
  cleanup()
  show([{ role: 'editor', resource: { catalog: 'local', namespace: ['demo'] } }], ['demo'])
  expect(screen.getByText(/need two people/)).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Propose for 2 tables' })).toHaveProperty('disabled', true)
})
