import Link from 'next/link'
import { paths } from '@/lib/paths'
import { StandalonePage } from './standalone-page'
import classes from './standalone-page.module.css'

/** At an address that leads nowhere. It tells nothing of what is there, since the reader may not be signed in. */
export function NotFoundPage() {
  return (
    <StandalonePage title="Page not found">
      <p className={classes.text}>There is no page at this address.</p>
      <Link href={paths.home()}>Go home</Link>
    </StandalonePage>
  )
}
