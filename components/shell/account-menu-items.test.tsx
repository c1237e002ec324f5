// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { keys } from '@/lib/client/keys'
import { paths } from '@/lib/paths/paths'
import { render } from '@/testing/components/render'
import { AccountMenuItems } from './account-menu-items'

afterEach(() => {
  cleanup()
  localStorage.clear()
})

it('says what signing out discards, before it does', async () => {
  const intent = { kind: 'remove-property', key: 'owner', base: 'ada' }
  localStorage.setItem(
    'lakeshore.pending.u1',
    JSON.stringify([
      {
        key: '["local","7"]',
        table: '["local","demo","flights"]',
        changes: [{ target: 'property owner', area: 'settings', intent }],
      },
    ]),
  )
  for (const [userId, consequence] of [
    ['u1', 'Discards 1 pending change. Also clears your queries from this browser.'],
    ['u2', 'Also clears your queries from this browser.'],
  ]) {
    const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } })
    client.setQueryData(keys.session(), { userId })
    render(
      <QueryClientProvider client={client}>
        <AccountMenuItems user={{ username: 'ada', role: 'editor' }} onTimeZone={() => {}} opened onChange={() => {}} />
      </QueryClientProvider>,
    )
    expect((await screen.findByRole('menuitem', { name: /^Sign out/ })).textContent).toBe(`Sign out${consequence}`)
    cleanup()
  }
})

it('leads to the reference of the API, and on a phone to Load', async () => {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } })
  client.setQueryData(keys.session(), { userId: 'u1' })
  render(
    <QueryClientProvider client={client}>
      <AccountMenuItems user={{ username: 'ada', role: 'viewer' }} onTimeZone={() => {}} opened onChange={() => {}} />
    </QueryClientProvider>,
  )
  const item = await screen.findByRole('menuitem', { name: 'API reference' })
  expect(item.getAttribute('href')).toBe(paths.apiReference())
  expect(screen.getByRole('menuitem', { name: 'Load data' }).getAttribute('href')).toBe(paths.load())
})
