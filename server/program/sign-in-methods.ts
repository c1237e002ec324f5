import 'server-only'
import { headers } from 'next/headers'
import { runningProgram } from './slot'

/** How people may sign in, for the page that offers it; `provider` is the identity provider's name, or null. */
export function readSignInMethods(): { provider: string | null; hasPassword: boolean } {
  return runningProgram().signInMethods()
}

/** The name of a user who has to change a generated password before anything else; null for any other visitor. */
export async function findGeneratedPasswordUser(): Promise<string | null> {
  const pageSession = await runningProgram().readPageSession(await headers())
  if (!pageSession || 'problem' in pageSession) return null
  return pageSession.session.hasGeneratedPassword ? pageSession.session.username : null
}
