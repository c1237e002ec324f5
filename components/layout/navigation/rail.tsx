'use client'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { paths } from '@/lib/paths'
import { Logo } from '../logo'
import { DESTINATIONS, isWithin, SETTINGS } from './destinations'
import classes from './rail.module.css'
import { RunningJobsBadge } from '../running-jobs'

/** The main navigation: a slim rail at the left, below 768 px a bar at the bottom. Every icon has a label. */
export function Rail() {
  const pathname = usePathname()
  return (
    <nav className={classes.rail} aria-label="Main">
      <Link href={paths.home()} className={classes.logo} aria-label="Lakeshore, home">
        <Logo />
      </Link>
      <ul className={classes.items}>
        {[...DESTINATIONS, SETTINGS].map((destination) => (
          <li key={destination.href} className={destination === SETTINGS ? classes.last : undefined}>
            <Link
              href={destination.href}
              className={classes.item}
              aria-current={isWithin(pathname, destination) ? 'page' : undefined}
            >
              <destination.icon size={20} stroke={1.6} aria-hidden />
              <span>{destination.label}</span>
              {destination.href === paths.jobs() && <RunningJobsBadge />}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
