import 'server-only'
import { SIGN_IN_PROBLEMS, type SignInProblemCode } from '@/lib/sign-in-problems'

/** A sign-in with the identity provider that is refused. The reason is for the log and the audit. */
export class SignInRefusal extends Error {
  override readonly name = 'SignInRefusal'
  readonly code: SignInProblemCode
  /** The refused user, if known. */
  readonly user: { userId: string; username: string } | null

  constructor(
    code: SignInProblemCode,
    reason: string = SIGN_IN_PROBLEMS[code].title,
    { user = null, cause }: { user?: SignInRefusal['user']; cause?: unknown } = {},
  ) {
    super(reason, cause === undefined ? {} : { cause })
    this.code = code
    this.user = user
  }
}
