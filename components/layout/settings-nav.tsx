'use client'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import classes from './settings-nav.module.css'

/** The pages of the settings as a row of links, which every one of them stands under. */
export function SettingsNav({ pages }: { pages: readonly { label: string; href: string }[] }) {
  const pathname = usePathname()
  return (
    <nav className={classes.nav} aria-label="Settings">
      {pages.map(({ label, href }) => (
        <Link
          key={href}
          href={href}
          className={classes.link}
          prefetch={false}
          {...(pathname === href && { 'aria-current': 'page' })}
        >
          <span className={classes.label} data-label={label}>
            {label}
          </span>
        </Link>
      ))}
    </nav>
  )
}
