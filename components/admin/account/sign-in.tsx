import { Logo } from '@/components/shell/logo'
import { paths } from '@/lib/paths/paths'
import { lakeshoreCommands } from '@/lib/names/lakeshore-commands'
import { DepthChart } from './depth-chart'
import classes from './sign-in.module.css'
import { type ProviderProblem, ProviderSignIn } from './provider-sign-in'
import { NewPasswordForm } from './new-password-form'
import { SignInForm } from './sign-in-form'
import { SignInTheme } from './sign-in-theme'

/** The sign-in page: the identity provider, the form, the host of this Lakeshore, and the depth chart. */
export function SignIn({
  host,
  version,
  next,
  provider,
  hasPassword,
  hasEnded,
  newPasswordFor,
  problem,
  nonce,
}: {
  host: string
  version: string
  next: string | null
  /** The name of the identity provider, or null. */
  provider: string | null
  hasPassword: boolean
  /** Whether a session has just ended. */
  hasEnded: boolean
  /** The signed-in user who has to change a generated password before anything else, or null. */
  newPasswordFor: string | null
  /** Why the sign-in with the provider failed. */
  problem: ProviderProblem | null
  nonce: string
}) {
  return (
    <div className={classes.page}>
      <div className={classes.side}>
        <header className={classes.brand}>
          <Logo size={28} />
          Lakeshore
        </header>
        <main className={classes.main}>
          {newPasswordFor === null ? (
            <>
              <h1 className={classes.title}>Sign in</h1>
              <p className={classes.where}>
                to the lake at <code>{host}</code>
              </p>
              {provider !== null && (
                <ProviderSignIn name={provider} next={next} problem={problem} isAlone={!hasPassword} />
              )}
              {hasPassword && (
                <>
                  <SignInForm next={next} nonce={nonce} isSecond={provider !== null} />
                  <p className={classes.help}>
                    Forgot your password? The operator can set a new one with{' '}
                    <code>{lakeshoreCommands.setPassword('<name>')}</code>
                  </p>
                </>
              )}
              {provider !== null && hasEnded && (
                <p className={classes.help}>
                  You are signed out here, and perhaps still signed in to {provider}.{' '}
                  <a href={paths.providerSignOut()}>Sign out there, too</a>
                </p>
              )}
            </>
          ) : (
            <>
              <h1 className={classes.title}>Change your password</h1>
              <p className={classes.where}>
                {newPasswordFor} was given a generated password. Choose your own to continue.
              </p>
              <NewPasswordForm username={newPasswordFor} next={next} nonce={nonce} />
            </>
          )}
        </main>
        <footer className={classes.foot}>
          <span>Lakeshore {version}</span>
          <span>This page loads nothing from other servers.</span>
          <div className={classes.theme}>
            <SignInTheme nonce={nonce} />
          </div>
        </footer>
      </div>
      <div className={classes.chart}>
        <DepthChart />
      </div>
    </div>
  )
}
