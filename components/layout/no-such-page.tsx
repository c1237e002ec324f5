import Link from 'next/link'
import { paths } from '@/lib/paths'
import { Logo } from './logo'
import classes from './no-such-page.module.css'

/** At an address that leads nowhere, also for who is not signed in: so it tells nothing of what is there. */
export function NoSuchPage() {
  return (
    <div className={classes.page}>
      <header className={classes.brand}>
        <Logo size={28} />
        Lakeshore
      </header>
      <main className={classes.main}>
        <h1 className={classes.title}>No such page</h1>
        <p>There is no page at this address.</p>
        <Link href={paths.home()}>Go home</Link>
      </main>
    </div>
  )
}
