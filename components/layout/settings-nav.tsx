'use client'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import classes from './settings-nav.module.css'
import { useSettingsPages } from './use-settings-pages'

/** The pages of the settings as a row of links, which every one of them stands under. */
export function SettingsNav() {
  const pathname = usePathname()
  const pages = useSettingsPages()
  return (
    <nav className={classes.nav} aria-label="Settings">
      {pages.map(({ label, href }) => (
        <Link
          key={href}
          href={href}
          className={classes.link}
          prefetch={false}
          {...((pathname === href || pathname.startsWith(`${href}/`)) && { 'aria-current': 'page' })}
        >
          <span className={classes.label} data-label={label}>
            {label}
          </span>
        </Link>
      ))}
    </nav>
  )
}
