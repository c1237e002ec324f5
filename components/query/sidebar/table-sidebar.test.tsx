// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { catalogsQuery } from '@/lib/client/catalogs'
import { namespacesQuery, tablesQuery } from '@/lib/client/namespaces'
import { searchQuery } from '@/lib/client/search'
import { viewsQuery } from '@/lib/client/views'
import { render } from '@/testing/components/render'
import { stubQuerySession } from '@/testing/components/stub-query-session'
import { TableSidebar } from './table-sidebar'

const readFields = vi.fn()
stubQuerySession({ readFields })

// happy-dom has no layout.
beforeAll(() => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(800)
})
afterEach(() => {
  cleanup()
  readFields.mockReset()
})

function renderSidebar() {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } } })
  client.setQueryData(catalogsQuery().queryKey, { catalogs: [{ name: 'local' }, { name: 'prod' }] } as never)
  const namespaces = [{ namespace: ['demo'], namespaceCount: 0, tableCount: 1, viewCount: 1 }]
  client.setQueryData(namespacesQuery('local', null).queryKey, { namespaces, skippedCount: 0 } as never)
  client.setQueryData(namespacesQuery('local', ['demo']).queryKey, { namespaces: [], skippedCount: 0 } as never)
  client.setQueryData(tablesQuery('local', ['demo']).queryKey, { tables: ['Flights'], totalCount: 1, nextOffset: null })
  client.setQueryData(viewsQuery('local', ['demo']).queryKey, { views: ['routes'], totalCount: 1, nextOffset: null })
  const hits = [{ catalog: 'prod', namespace: ['raw'], entry: { kind: 'table', name: 'order' } }]
  client.setQueryData(searchQuery('ord').queryKey, { hits, badges: [], isTruncated: false, unreachable: [] } as never)
  client.setQueryData(searchQuery('del').queryKey, { hits: [], badges: [], isTruncated: false, unreachable: [] })
  const onInsert = vi.fn()
  const onPreview = vi.fn()
  render(
    <QueryClientProvider client={client}>
      <TableSidebar connections={['local', 'prod']} connection="local" onInsert={onInsert} onPreview={onPreview} />
    </QueryClientProvider>,
  )
  return { onInsert, onPreview }
}

const item = (name: RegExp) => screen.findByRole('treeitem', { name })
const target = async (name: RegExp) => {
  const buttons = [...(await item(name)).querySelectorAll('button')]
  const labelled = buttons.find(({ textContent }) => textContent !== '')
  if (!labelled) throw new Error('the row has no target')
  return labelled
}

test('The chosen connection is open, and a table opens to its columns with their types', async () => {
  readFields.mockResolvedValue([
    { id: 1, name: 'delay', required: false, type: 'int' },
    { id: 2, name: 'Origin', required: false, type: 'string' },
  ])
  const { onInsert } = renderSidebar()
  await userEvent.click(await target(/^demo/))
  expect(readFields).not.toHaveBeenCalled()
  ;(await item(/^Flights/)).focus()
  await userEvent.keyboard('{ArrowRight}')
  expect((await item(/^delay/)).textContent).toContain('int')
  expect((await item(/^delay/)).getAttribute('aria-level')).toBe('4')
  await userEvent.click(await target(/^Origin/))
  expect(onInsert).toHaveBeenCalledWith('"Origin"')
  await userEvent.click(await target(/^Flights/))
  expect(onInsert).toHaveBeenLastCalledWith('demo."Flights"')
})

test('Enter inserts a name, and opens or closes a namespace', async () => {
  const { onInsert } = renderSidebar()
  ;(await item(/^demo/)).focus()
  await userEvent.keyboard('{Enter}')
  ;(await item(/^routes/)).focus()
  await userEvent.keyboard('{Enter}')
  expect(onInsert).toHaveBeenCalledWith('demo.routes')
})

test('A failure to read columns is shown beneath the table', async () => {
  readFields.mockRejectedValue(new Error('The catalog does not answer.'))
  renderSidebar()
  await userEvent.click(await target(/^demo/))
  ;(await item(/^Flights/)).focus()
  await userEvent.keyboard('{ArrowRight}')
  expect(await screen.findByText('The catalog does not answer.')).toBeTruthy()
})

test('The filter finds tables of every connection, and columns of the tables that were opened', async () => {
  readFields.mockResolvedValue([{ id: 1, name: 'delay', required: false, type: 'int' }])
  const { onInsert } = renderSidebar()
  await userEvent.click(await target(/^demo/))
  ;(await item(/^Flights/)).focus()
  await userEvent.keyboard('{ArrowRight}')
  await item(/^delay/)
  await userEvent.type(screen.getByRole('searchbox'), 'ord')
  await userEvent.click(await target(/^order/))
  expect(onInsert).toHaveBeenCalledWith('prod.raw."order"')
  expect(screen.queryByRole('treeitem', { name: /^delay/ })).toBeNull()
  await userEvent.clear(screen.getByRole('searchbox'))
  await userEvent.type(screen.getByRole('searchbox'), 'del')
  await waitFor(() => expect(screen.getByRole('treeitem', { name: /^delay/ })).toBeTruthy())
  await waitFor(() => expect(screen.queryByRole('treeitem', { name: /^order/ })).toBeNull())
})

test('The collected history comes after the connections, with columns and without pages', async () => {
  readFields.mockResolvedValue([{ id: 1, name: 'kind', required: true, type: 'string' }])
  const { onInsert, onPreview } = renderSidebar()
  await userEvent.click(await target(/^lakeshore/))
  await userEvent.click(await target(/^commits/))
  expect(onInsert).toHaveBeenCalledWith('lakeshore.commits')
  ;(await item(/^commits/)).focus()
  await userEvent.keyboard('{ArrowRight}')
  await item(/^kind/)
  expect(readFields.mock.calls[0]?.[0]).toEqual({ catalog: 'local', namespace: ['lakeshore'], table: 'commits' })
  await userEvent.pointer({ keys: '[MouseRight]', target: await item(/^files_daily/) })
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Preview rows' }))
  expect(onPreview).toHaveBeenCalledWith('lakeshore.files_daily')
  expect(screen.queryByRole('menuitem', { name: 'Open page' })).toBeNull()
})

test('The menu of a table previews it, and returns the focus to the row', async () => {
  const { onPreview } = renderSidebar()
  await userEvent.click(await target(/^demo/))
  const row = await item(/^Flights/)
  await userEvent.pointer({ keys: '[MouseRight]', target: row })
  expect((await screen.findByRole('menuitem', { name: 'Open page' })).getAttribute('href')).toBe(
    '/catalogs/local/namespaces/demo/tables/Flights',
  )
  await userEvent.click(screen.getByRole('menuitem', { name: 'Preview rows' }))
  expect(onPreview).toHaveBeenCalledWith('demo."Flights"')
  await waitFor(() => expect(document.activeElement).toBe(row))
})
