import 'server-only'
import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import type { Problem } from '@/lib/contract/problem'
import type { Session } from '@/lib/contract/session'
import { paths } from '@/lib/paths'
import { PAGE_ADDRESS_HEADER } from './page-address'
import { runningProgram } from './slot'

/**
 * Who is signed in, for a server layout; anybody else is sent to sign in and comes back to this page afterwards. While
 * the database is away nobody knows whether the session is open: the layout then draws the problem.
 */
export async function requireSession(): Promise<{ session: Session } | { problem: Problem }> {
  const requestHeaders = await headers()
  const pageSession = await runningProgram().readPageSession(requestHeaders)
  if (!pageSession) redirect(paths.login(requestHeaders.get(PAGE_ADDRESS_HEADER) ?? undefined))
  if ('problem' in pageSession) return pageSession
  const { sessionId: _, ...session } = pageSession.session
  return { session }
}
