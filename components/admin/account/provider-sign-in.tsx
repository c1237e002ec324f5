import { IconAlertOctagon } from '@tabler/icons-react'
import { paths } from '@/lib/paths/paths'
import { SIGN_IN_PROBLEMS, type SignInProblemCode } from '@/lib/sign-in-problems'
import classes from './provider-sign-in.module.css'

export type ProviderProblem = { code: SignInProblemCode; requestId: string | null }

type ProviderSignInProps = {
  name: string
  /** The page to go to afterwards. */
  next: string | null
  /** Why the last sign-in with the provider failed. */
  problem: ProviderProblem | null
  /** Whether it is the only way to sign in. */
  isAlone: boolean
}

/** Leads to the identity provider: a plain link, so that it works before any script has loaded. */
export function ProviderSignIn({ name, next, problem, isAlone }: ProviderSignInProps) {
  return (
    <div className={classes.method}>
      <a className={classes.link} href={paths.providerSignIn(next)}>
        Sign in with {name}
      </a>
      {problem && <Problem {...problem} />}
      {!isAlone && <p className={classes.or}>or with a password</p>}
    </div>
  )
}

/** It is part of the page, so it needs no script either. */
function Problem({ code, requestId }: ProviderProblem) {
  const { title, next } = SIGN_IN_PROBLEMS[code]
  return (
    <div role="alert" className={classes.problem}>
      <IconAlertOctagon size={16} stroke={1.6} className={classes.icon} aria-hidden />
      <div>
        <p className={classes.title}>{title}</p>
        <p>{next}</p>
        {requestId !== null && (
          <p>
            request <code>{requestId}</code>
          </p>
        )}
      </div>
    </div>
  )
}
