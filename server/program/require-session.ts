import 'server-only'
import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import type { Session } from '@/lib/contract/session'
import { paths } from '@/lib/paths'
import { PAGE_ADDRESS_HEADER } from './page-address'
import { runningProgram } from './slot'

/** Who is signed in, for a server layout; anybody else is sent to sign in and comes back to this page afterwards. */
export async function requireSession(): Promise<Session> {
  const sent = await headers()
  const session = await runningProgram().sessionOfCookie(sent.get('cookie'))
  if (!session) redirect(paths.login(sent.get(PAGE_ADDRESS_HEADER) ?? undefined))
  const { sessionId: _, ...known } = session
  return known
}
