import type { ReactNode } from 'react'
import { Logo } from './logo'
import classes from './standalone-page.module.css'

/** A page outside the console, also for visitors who are not signed in. `isWide` makes room for a problem note. */
export function StandalonePage({
  title,
  isWide = false,
  children,
}: {
  title: string
  isWide?: boolean
  children: ReactNode
}) {
  return (
    <div className={classes.page}>
      <header className={classes.brand}>
        <Logo size={28} />
        Lakeshore
      </header>
      <main className={classes.main} data-wide={isWide || undefined}>
        <h1 className={classes.title}>{title}</h1>
        {children}
      </main>
    </div>
  )
}
