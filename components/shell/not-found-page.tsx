import { paths } from '@/lib/paths/paths'
import { StandalonePage } from './standalone-page'
import classes from './standalone-page.module.css'

/** Shown for an unknown URL that is not below the console. It reveals nothing about other pages, because the visitor may not be signed in. */
export function NotFoundPage() {
  return (
    <StandalonePage title="Page not found">
      <p className={classes.text}>There is no page at this address.</p>
      {/* A link of Next would load its code with every page. */}
      <a href={paths.home()}>Go home</a>
    </StandalonePage>
  )
}
