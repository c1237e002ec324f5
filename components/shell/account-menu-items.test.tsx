// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { keys } from '@/lib/client/keys'
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
      { table: '["local","demo","flights"]', changes: [{ target: 'property owner', area: 'settings', intent }] },
    ]),
  )
  for (const [userId, consequence] of [
    ['u1', 'Discards 1 pending change. Clears your queries from this browser.'],
    ['u2', 'Clears your queries from this browser.'],
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
