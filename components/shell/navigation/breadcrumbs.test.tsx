// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query'
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { FunctionComponent } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { groupQuery } from '@/lib/client/access/groups'
import { userQuery } from '@/lib/client/access/users'
import { runQuery } from '@/lib/client/jobs/runs'
import { keys } from '@/lib/client/keys'
import { getRun } from '@/lib/contract/jobs'
import { paths } from '@/lib/paths/paths'
import { answeringFetch, sampleGroup, sampleUser } from '@/testing/components/access-api'
import { render } from '@/testing/components/render'
import { SAMPLE_RUN } from '@/testing/contract/sample-run'
import { Breadcrumbs } from './breadcrumbs'

const RUN_ID = '01KAK3NDEKTSV4RRFFQ69G5FAV'

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function renderBreadcrumbs(pathname: string, Page: FunctionComponent = () => null) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  render(
    <QueryClientProvider client={client}>
      <Page />
      <Breadcrumbs />
    </QueryClientProvider>,
    { pathname },
  )
  return client
}

/** A page that reads its subject. */
function RunPage() {
  useQuery(runQuery(RUN_ID))
  return null
}
function UserPage() {
  useQuery(userQuery('u-ruiz'))
  return null
}
function GroupPage() {
  useQuery(groupQuery('g-finance'))
  return null
}

test('A run is named by its title, not by its id', async () => {
  const run = { ...SAMPLE_RUN, title: 'Load daily.csv', state: 'succeeded' as const, finishedAtMs: 2_000, lastLine: 0 }
  vi.stubGlobal('fetch', async () =>
    Response.json(
      z.encode(getRun.output, {
        run,
        lines: [],
        isLogOpen: false,
        queue: null,
        wait: null,
        undoes: null,
        undoneBy: null,
        badges: [],
      }),
    ),
  )
  const client = renderBreadcrumbs(paths.run(RUN_ID), RunPage)
  const title = await screen.findByText('Load daily.csv')
  expect(title.getAttribute('aria-current')).toBe('page')
  expect(screen.queryByText(/01KAK/)).toBeNull()
  // As an event of the server makes the page do. It is read as the page reads it.
  await client.refetchQueries({ queryKey: keys.run(RUN_ID) })
  expect(client.getQueryState(keys.run(RUN_ID))).toMatchObject({ status: 'success', error: null })
})

test('A user and a group are named by their names, and everyone is', async () => {
  const { fetch } = answeringFetch({
    'GET /api/v1/users/u-ruiz': () => sampleUser(),
    'GET /api/v1/groups/g-finance': () => ({ group: sampleGroup(), members: [], isTruncated: false }),
  })
  vi.stubGlobal('fetch', fetch)
  renderBreadcrumbs(paths.user('u-ruiz'), UserPage)
  expect(screen.getByText('User')).toBeDefined()
  expect((await screen.findByText(sampleUser().username)).getAttribute('aria-current')).toBe('page')
  cleanup()
  renderBreadcrumbs(paths.group('g-finance'), GroupPage)
  expect((await screen.findByText(sampleGroup().name)).getAttribute('aria-current')).toBe('page')
  cleanup()
  renderBreadcrumbs(paths.group('everyone'))
  expect(screen.getByText('Everyone').getAttribute('aria-current')).toBe('page')
})

test('Short names stay whole next to a long one, and the keyboard reaches the long one', () => {
  const table = 'customer_lifetime_value_daily_snapshot_v2'
  renderBreadcrumbs(paths.view({ catalog: 'local', namespace: ['ux'], view: table }))
  const steps = screen.getAllByRole('listitem')
  expect(steps.map(({ dataset }) => dataset.short)).toEqual(['true', 'true', undefined])
  expect(screen.getByText(table).tabIndex).toBe(0)
})

test('The levels in the middle of a deep namespace are in a menu', async () => {
  const namespace = ['a', 'b', 'c', 'd', 'e']
  renderBreadcrumbs(paths.table({ catalog: 'local', namespace, table: 'orders' }, 'data'))
  const trail = screen.getByRole('navigation', { name: 'Breadcrumbs' })
  expect(
    within(trail)
      .getAllByRole('link')
      .map(({ textContent }) => textContent),
  ).toEqual(['local', 'e', 'orders'])
  await userEvent.click(screen.getByRole('button', { name: '4 more levels' }))
  const items = await screen.findAllByRole('menuitem')
  expect(items.map((item) => item.getAttribute('href'))).toEqual(
    [1, 2, 3, 4].map((count) => paths.namespace('local', namespace.slice(0, count))),
  )
})

test('Narrow pages show three steps of a tab, and two next to the long name of a page below it', () => {
  const table = { catalog: 'local', namespace: ['demo'], table: 'flights' }
  const keepsThree = () => screen.getByRole('list').hasAttribute('data-keeps-three')
  renderBreadcrumbs(paths.table(table, 'settings'))
  expect(keepsThree()).toBe(true)
  cleanup()
  renderBreadcrumbs(paths.compressionStudio(table))
  expect(screen.getByText('Compression studio').getAttribute('aria-current')).toBe('page')
  expect(keepsThree()).toBe(false)
})
