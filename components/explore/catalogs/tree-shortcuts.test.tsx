// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test } from 'vitest'
import type { Endpoint } from '@/lib/contract/endpoint'
import { listShortcuts, setFavourite } from '@/lib/contract/shortcuts'
import { paths } from '@/lib/paths/paths'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import { TreeShortcuts } from './tree-shortcuts'

const call = stubApi()
afterEach(() => {
  cleanup()
  localStorage.clear()
})

const entry = (name: string) => ({ kind: 'table', catalog: 'local', namespace: ['demo'], name }) as const
const SHORTCUTS = {
  favourites: [
    { ...entry('flights'), isDropped: false },
    { ...entry('old'), isDropped: true },
    { kind: 'namespace', catalog: 'local', namespace: ['a', 'b'] },
    { kind: 'query', queryId: 'q1', name: 'Margins' },
  ],
  visits: [entry('flights'), entry('airports'), entry('carriers')],
}

function show(shortcuts: unknown, pathname = '/catalogs') {
  call.mockImplementation((endpoint: Endpoint) => (endpoint === listShortcuts ? shortcuts : {}))
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <TreeShortcuts />
    </QueryClientProvider>,
    { pathname },
  )
}

test('Favourites lead to their pages, and a dropped table says so and can be removed', async () => {
  show(SHORTCUTS)
  await userEvent.click(await screen.findByRole('button', { name: 'Favourites 4' }))
  const list = screen.getByRole('list', { name: 'Favourites' })
  expect(
    within(list)
      .getAllByRole('link')
      .map((link) => link.getAttribute('href')),
  ).toEqual([
    paths.table({ catalog: 'local', namespace: ['demo'], table: 'flights' }),
    paths.namespace('local', ['a', 'b']),
    paths.savedQuery('q1'),
  ])
  const dropped = within(list).getByText('dropped').closest('li')
  expect(dropped?.textContent).toContain('demo.old')
  await userEvent.click(screen.getByRole('button', { name: 'Favourite demo.old' }))
  expect(call).toHaveBeenCalledWith(setFavourite, { target: entry('old'), isFavourite: false })
})

test('Recent has favourites too, and leaves out the page that is open', async () => {
  show(SHORTCUTS, paths.table({ catalog: 'local', namespace: ['demo'], table: 'airports' }, 'files'))
  await userEvent.click(await screen.findByRole('button', { name: 'Recent 2' }))
  const links = within(screen.getByRole('list', { name: 'Recent' })).getAllByRole('link')
  expect(links.map(({ title }) => title)).toEqual(['demo.flights in local', 'demo.carriers in local'])
})

test('Without favourites, the list says how to add one', async () => {
  show({ favourites: [], visits: [] })
  await userEvent.click(await screen.findByRole('button', { name: 'Favourites 0' }))
  expect(screen.getByText(/No favourites yet\. The star next to the name/)).toBeTruthy()
})
