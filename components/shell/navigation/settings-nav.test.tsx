// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, within } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { keys } from '@/lib/client/keys'
import { InitialSession } from '@/lib/client/session/initial-session'
import type { Role } from '@/lib/permissions'
import { render } from '@/testing/components/render'
import { sampleSession } from '@/testing/contract/sample-session'
import { SettingsNav } from './settings-nav'

afterEach(cleanup)

function pagesOf(role: Role) {
  const client = new QueryClient()
  const session = sampleSession(role)
  client.setQueryData(keys.session(), session)
  render(
    <QueryClientProvider client={client}>
      <InitialSession value={session}>
        <SettingsNav />
      </InitialSession>
    </QueryClientProvider>,
    { pathname: '/settings/tokens' },
  )
  const links = within(screen.getByRole('navigation', { name: 'Settings' })).getAllByRole('link')
  expect(links.filter((link) => link.getAttribute('aria-current') === 'page')).toHaveLength(1)
  return links.map(({ textContent }) => textContent)
}

it.each(['viewer', 'editor'] as const)('leads a %s neither to connections nor to users', (role) => {
  expect(pagesOf(role)).toEqual(['Account', 'Tokens', 'API'])
})

it('leads an admin to every page', () => {
  expect(pagesOf('admin')).toEqual(['Account', 'Tokens', 'Connections', 'Users', 'API'])
})
