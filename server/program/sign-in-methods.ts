import 'server-only'
import { runningProgram } from './slot'

/** How people may sign in, for the page that offers it; `provider` is the identity provider's name, or null. */
export function readSignInMethods(): { provider: string | null; hasPassword: boolean } {
  return runningProgram().signInMethods()
}
