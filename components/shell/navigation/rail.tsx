'use client'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { paths } from '@/lib/paths/paths'
import { LazyOpenRequestCount } from '../lazy-open-request-count'
import { Logo } from '../logo'
import { isWithin, SETTINGS } from './destinations'
import classes from './rail.module.css'
import { RunningJobsBadge } from '../running-jobs'
import { useDestinations } from './use-destinations'

/** The main navigation: a slim rail at the left, below 768 px a bar at the bottom. Every icon has a label. */
export function Rail() {
  const pathname = usePathname()
  const destinations = useDestinations()
  return (
    <nav className={classes.rail} aria-label="Main">
      <Link href={paths.home()} className={classes.logo} aria-label="Lakeshore, home">
        <Logo />
      </Link>
      <ul className={classes.items}>
        {[...destinations, SETTINGS].map((destination) => (
          <li key={destination.href} className={itemClass(destination)}>
            <Link
              href={destination.href}
              className={classes.item}
              aria-current={isWithin(pathname, destination) ? 'page' : undefined}
            >
              <destination.icon size={20} stroke={1.6} aria-hidden />
              <span>{destination.label}</span>
              {destination.href === paths.jobs() && <RunningJobsBadge />}
              {destination === SETTINGS && <LazyOpenRequestCount className={classes.mark} />}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}

/** Settings are at the end. A narrow bar has no room for them, or for pages that few people may open. */
function itemClass(destination: ReturnType<typeof useDestinations>[number]): string | undefined {
  if (destination === SETTINGS) return `${classes.last} ${classes.wideOnly}`
  return destination.permission === undefined && !destination.isWideOnly ? undefined : classes.wideOnly
}
