// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { sessionQuery } from '@/lib/client/session/session'
import type { Session } from '@/lib/contract/session'
import { render } from '@/testing/components/render'
import { GeneratedPasswordNote } from './generated-password-note'

afterEach(cleanup)

it.each([true, false])(
  'asks for a password of the user’s own when theirs was generated: %s',
  (hasGeneratedPassword) => {
    const session: Session = {
      userId: '1',
      username: 'ada',
      role: 'viewer',
      permissions: [],
      grants: [],
      expiresAtMs: 0,
      hasGeneratedPassword,
      hasPassword: true,
    }
    const client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } })
    client.setQueryData(sessionQuery().queryKey, session)
    render(
      <QueryClientProvider client={client}>
        <GeneratedPasswordNote />
      </QueryClientProvider>,
    )
    expect(screen.queryAllByRole('link', { name: 'Choose your own' }).map((link) => link.getAttribute('href'))).toEqual(
      hasGeneratedPassword ? ['/settings/account'] : [],
    )
  },
)
