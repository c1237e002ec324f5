import { Logo } from '@/components/layout/logo'
import { ThemeSwitch } from '@/components/layout/theme/theme-switch'
import { DepthChart } from './depth-chart'
import classes from './sign-in.module.css'
import { SignInForm } from './sign-in-form'

/** The sign-in page: the form, the host of this Lakeshore, and the depth chart. */
export function SignIn({ host, version, next }: { host: string; version: string; next: string | null }) {
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
          <SignInForm next={next} />
          <p className={classes.help}>
            Forgot your password? The operator can set a new one with{' '}
            <code>npm run lakeshore -- user passwd {'<name>'}</code>
          </p>
        </main>
        <footer className={classes.foot}>
          <span>Lakeshore {version}</span>
          <span>This page loads nothing from other servers.</span>
          <div className={classes.theme}>
            <ThemeSwitch isLabelled />
          </div>
        </footer>
      </div>
      <div className={classes.chart}>
        <DepthChart />
      </div>
    </div>
  )
}
