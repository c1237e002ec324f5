import 'server-only'
import { cookies, headers } from 'next/headers'
import { redirect } from 'next/navigation'
import type { Session } from '@/lib/contract/session'
import { paths } from '@/lib/paths'
import { PAGE_ADDRESS_HEADER } from './page-address'
import { openSessionOf } from './session'
import { cookieName, readSessionCookie } from './session-cookie'

/** Who is signed in, for a server layout; anybody else is sent to sign in and comes back to this page afterwards. */
export async function requireSession(): Promise<Session> {
  const cookie = (await cookies()).get(cookieName('session'))
  const claims = await readSessionCookie(cookie?.value)
  const session = claims && (await openSessionOf(claims))
  if (!session) redirect(paths.login((await headers()).get(PAGE_ADDRESS_HEADER) ?? undefined))
  const { sessionId: _, ...known } = session
  return known
}
