// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { ReactElement } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { NamespacePropertiesPanel } from '@/components/explore/namespaces/actions/namespace-properties-panel'
import { ClonePanel } from '@/components/table/lifecycle/clone/clone-panel'
import { keys } from '@/lib/client/keys'
import type { RoleGrant } from '@/lib/permissions'
import { render } from '@/testing/components/render'
import { NewTablePage } from './new-table-page'

const NAMESPACE = ['demo']
const CATALOGS = [
  { name: 'local', kind: 'embedded' },
  { name: 'remote', kind: 'rest' },
]

beforeEach(() => {
  localStorage.clear()
  vi.stubGlobal('fetch', async (address: string) =>
    address.includes('/namespaces/demo') && !address.includes('/tables')
      ? Response.json({
          namespace: 'demo',
          location: null,
          openProposalCount: 0,
          properties: { location: 's3://lake/demo' },
        })
      : Response.error(),
  )
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

/** As a user with a role on the namespace `demo` of each catalog, and others. */
function show(part: ReactElement, { query = '', also = [] }: { query?: string; also?: RoleGrant[] } = {}) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity } } })
  const ofNamespaces = CATALOGS.map(
    ({ name }): RoleGrant => ({
      role: 'editor',
      resource: { catalog: name, namespace: NAMESPACE },
    }),
  )
  client.setQueryData(keys.session(), {
    userId: 'u',
    username: 'ada',
    permissions: [],
    grants: [...ofNamespaces, ...also],
  })
  client.setQueryData(keys.catalogs(), { catalogs: CATALOGS })
  render(<QueryClientProvider client={client}>{part}</QueryClientProvider>, { query })
}

const newTable = (catalog: string) => <NewTablePage catalog={catalog} namespace={NAMESPACE} />
const location = () => screen.queryByRole('textbox', { name: 'Location' })
const register = () => screen.queryByRole('button', { name: 'Register a metadata file' })

describe('In the catalog of a connection, a user without a role on all of it', () => {
  it('is offered no location of a new table and no registration', async () => {
    show(newTable('remote'))
    await screen.findByRole('textbox', { name: 'Name' })
    expect([location(), register()]).toEqual([null, null])
  })

  it('sees why there is no registration at its address', () => {
    show(newTable('remote'), { query: '?source=register' })
    expect(screen.getByText(/^Registering a metadata file needs a role on all of remote/)).toBeTruthy()
    expect(screen.queryByRole('textbox')).toBeNull()
  })

  it('is offered no location of a clone', async () => {
    show(<ClonePanel table={{ catalog: 'remote', namespace: NAMESPACE, table: 'trips' }} onClose={vi.fn()} />)
    expect(await screen.findByRole('textbox', { name: 'Name' })).toBeTruthy()
    expect(location()).toBeNull()
  })

  it('cannot save another location of a namespace, and sees why', async () => {
    show(<NamespacePropertiesPanel catalog="remote" namespace={NAMESPACE} onClose={vi.fn()} />)
    await userEvent.type(await screen.findByRole('textbox', { name: 'Value' }), '/elsewhere')
    expect(screen.getByText(/^Setting a location needs a role on all of remote/)).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Save 1 change' })).toHaveProperty('disabled', true)
  })
})

it.each([
  ['in the catalog of Lakeshore', 'local', []],
  ['with a role on all of the catalog', 'remote', [{ role: 'viewer', resource: { catalog: 'remote' } }]],
] as const)('offers a location and a registration %s', async (_, catalog, also) => {
  show(newTable(catalog), { also: [...also] })
  await screen.findByRole('textbox', { name: 'Name' })
  expect(location()).not.toBeNull()
  expect(register()).not.toBeNull()
  cleanup()
  show(<ClonePanel table={{ catalog, namespace: NAMESPACE, table: 'trips' }} onClose={vi.fn()} />, { also: [...also] })
  expect(await screen.findByRole('textbox', { name: 'Location' })).toBeTruthy()
  cleanup()
  show(<NamespacePropertiesPanel catalog={catalog} namespace={NAMESPACE} onClose={vi.fn()} />, { also: [...also] })
  await userEvent.type(await screen.findByRole('textbox', { name: 'Value' }), '/elsewhere')
  expect(screen.getByRole('button', { name: 'Save 1 change' })).toHaveProperty('disabled', false)
})
