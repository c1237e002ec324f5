import 'server-only'
import * as oidc from 'openid-client'
import { AppError } from '@/lib/errors'
import { SignInRefusal } from './sign-in-refusal'

/** Why a response of the provider is refused. The provider's own message goes to the log only, and shortened. */
export function toSignInRefusal(error: unknown): SignInRefusal {
  if (error instanceof SignInRefusal) return error
  if (isUnavailable(error)) return new SignInRefusal('provider-unavailable', describe(error), { cause: error })
  if (error instanceof oidc.AuthorizationResponseError) {
    return new SignInRefusal('provider-refused', describe(error), { cause: error })
  }
  return new SignInRefusal('response-invalid', describe(error), { cause: error })
}

/** Whether the provider could not be reached, in the causes of the library's errors. */
export function isUnavailable(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    if (cause instanceof AppError && cause.code === 'identity-provider-unavailable') return true
  }
  return false
}

const MAX_REASON_CHARS = 300

/** The messages of an error and its causes, which contain no token and no secret. */
function describe(error: unknown): string {
  const messages: string[] = []
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    const code = 'code' in cause && typeof cause.code === 'string' ? `${cause.code}: ` : ''
    messages.push(code + cause.message)
  }
  return messages
    .join('; ')
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, MAX_REASON_CHARS)
}
