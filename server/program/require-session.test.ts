import { beforeEach, expect, it } from 'vitest'
import { createTestHome, sessionCookie } from '@/testing/homes/test-home'
import { installTestProgram } from '@/testing/http/route-handler'
import { setPageRequest } from '@/testing/next/page-request'
import { pageRequestHeaders } from '@/testing/next/page-request-headers'
import { openSession } from '@/server/db/auth/sessions'
import { addUser } from '@/server/db/auth/users'
import { requireSession } from './require-session'
import { findGeneratedPasswordUser } from './sign-in-methods'

/** The session of a page, before the page is rendered. */

const home = createTestHome()

/** How Next answers a page that throws this. */
const redirectTo = (address: string) => ({ digest: expect.stringContaining(`;${address};`) })

beforeEach(() => void installTestProgram(home.services))

async function loadPageAs(username: string, hasGeneratedPassword: boolean): Promise<void> {
  const user = { username, passwordHash: 'hash', hasGeneratedPassword, role: 'viewer' } as const
  const userId = await addUser(home.database, user)
  await openSession(home.database, { sessionId: username, userId, lifeMs: 60_000, isByPassword: true })
  const cookie = await sessionCookie(home.services, { sessionId: username, sub: userId })
  setPageRequest(pageRequestHeaders('/jobs?state=failed', cookie))
}

it('A page sends a user with a generated password to change it, and then returns to the page', async () => {
  await loadPageAs('new-user', true)
  await expect(requireSession()).rejects.toMatchObject(
    redirectTo('/login?change=password&next=%2Fjobs%3Fstate%3Dfailed'),
  )
  expect(await findGeneratedPasswordUser()).toBe('new-user')
})

it('A page opens for a user with a password of their own, whom the sign-in page asks nothing', async () => {
  await loadPageAs('settled', false)
  expect(await requireSession()).toMatchObject({ session: { username: 'settled' } })
  expect(await findGeneratedPasswordUser()).toBeNull()
})

it('A page sends a visitor without a session to sign in', async () => {
  setPageRequest(pageRequestHeaders('/jobs', ''))
  await expect(requireSession()).rejects.toMatchObject(redirectTo('/login?next=%2Fjobs'))
  expect(await findGeneratedPasswordUser()).toBeNull()
})
