import { Logo } from '@/components/layout/logo'
import { DepthChart } from './depth-chart'
import classes from './sign-in.module.css'
import { SignInForm } from './sign-in-form'
import { SignInTheme } from './sign-in-theme'

/** The sign-in page: the form, the host of this Lakeshore, and the depth chart. */
export function SignIn({
  host,
  version,
  next,
  nonce,
}: {
  host: string
  version: string
  next: string | null
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
          <h1 className={classes.title}>Sign in</h1>
          <p className={classes.where}>
            to the lake at <code>{host}</code>
          </p>
          <SignInForm next={next} nonce={nonce} />
          <p className={classes.help}>
            Forgot your password? The operator can set a new one with{' '}
            <code>npm run lakeshore -- user passwd {'<name>'}</code>
          </p>
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
