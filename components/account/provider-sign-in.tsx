import { IconAlertOctagon } from '@tabler/icons-react'
import { paths } from '@/lib/paths'
import { SIGN_IN_PROBLEMS, type SignInProblemCode } from '@/lib/sign-in-problems'
import classes from './provider-sign-in.module.css'

/** Leads to the identity provider: a plain link, so that it works before any script has loaded. */
export function ProviderSignIn({ name, next, isAlone }: { name: string; next: string | null; isAlone: boolean }) {
  return (
    <div className={classes.way}>
      <a className={classes.link} href={paths.providerSignIn(next)}>
        Sign in with {name}
      </a>
      {!isAlone && <p className={classes.or}>or with a password</p>}
    </div>
  )
}

/** Why the sign-in with the identity provider failed. It is part of the page, so it needs no script either. */
export function ProviderProblem({ code, requestId }: { code: SignInProblemCode; requestId: string | null }) {
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
