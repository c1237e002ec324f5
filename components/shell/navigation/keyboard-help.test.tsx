// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen } from '@testing-library/react'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { keys } from '@/lib/client/keys'
import { ROLE_PERMISSIONS, type Role } from '@/lib/permissions'
import { render } from '@/testing/components/render'
import { KeyboardHelp } from './keyboard-help'

beforeAll(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }))
})
afterEach(cleanup)

function show(role: Role) {
  const client = new QueryClient()
  client.setQueryData(keys.session(), { permissions: [...ROLE_PERMISSIONS[role]] })
  render(
    <QueryClientProvider client={client}>
      <KeyboardHelp opened onClose={() => {}} />
    </QueryClientProvider>,
  )
}

test.each([
  ['viewer', false],
  ['admin', true],
] as const)('The keyboard shortcuts of a %s include the audit only if they may open it', async (role, isOffered) => {
  show(role)
  const group = (await screen.findByRole('heading', { name: 'Go to' })).parentElement?.textContent
  expect(group).toContain('ghHome')
  expect(group?.includes('gaAudit')).toBe(isOffered)
})

test('The keyboard shortcuts include those of rows: open, details, copy and the column headers', async () => {
  show('viewer')
  const heading = await screen.findByRole('heading', { name: 'Rows of a table or a result' })
  const group = heading.parentElement?.textContent
  for (const words of ['Spacedetails of a row', 'Ctrl Ccopy', 'Ctrl HomeCtrl End', '↑from the first row'])
    expect(group).toContain(words)
})
