import 'server-only'
import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import type { Problem } from '@/lib/contract/shapes/problem'
import type { Session } from '@/lib/contract/session'
import { paths } from '@/lib/paths/paths'
import { PAGE_ADDRESS_HEADER } from './page-address'
import { runningProgram } from './slot'

/**
 * The signed-in user, and the build that the page is of, for a server layout. A visitor without a session is sent to sign in and returns to this page
 * afterwards; so is a user who has to change a generated password first. While the database is unavailable the session
 * is unknown, and the layout shows the problem.
 */
export async function requireSession(): Promise<{ session: Session; buildId: string | null } | { problem: Problem }> {
  const requestHeaders = await headers()
  const program = runningProgram()
  const pageSession = await program.readPageSession(requestHeaders)
  if (!pageSession) redirect(paths.login(requestHeaders.get(PAGE_ADDRESS_HEADER) ?? undefined))
  if ('problem' in pageSession) return pageSession
  if (pageSession.session.hasGeneratedPassword) redirect(paths.newPassword(requestHeaders.get(PAGE_ADDRESS_HEADER)))
  const { sessionId: _, ...session } = pageSession.session
  return { session, buildId: program.buildId }
}
