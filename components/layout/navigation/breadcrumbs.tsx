'use client'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { breadcrumbTrail } from './breadcrumb-trail'
import classes from './breadcrumbs.module.css'

export function Breadcrumbs() {
  const crumbs = breadcrumbTrail(usePathname())
  return (
    <nav className={classes.crumbs} aria-label="Breadcrumbs">
      <ol>
        {crumbs.map(({ label, href }, level) => (
          <li key={`${level} ${label}`}>
            {level > 0 && (
              <span className={classes.divider} aria-hidden>
                /
              </span>
            )}
            {href !== null ? (
              <Link href={href} title={label}>
                {label}
              </Link>
            ) : (
              <span
                title={label}
                {...(level === crumbs.length - 1 && { 'aria-current': 'page' as const, className: classes.here })}
              >
                {label}
              </span>
            )}
          </li>
        ))}
      </ol>
    </nav>
  )
}
