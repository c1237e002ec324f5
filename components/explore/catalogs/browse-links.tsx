import Link from 'next/link'
import { paths } from '@/lib/paths/paths'
import classes from './browse-links.module.css'

const WAYS = [
  { id: 'catalogs', label: 'Catalogs', href: paths.catalogs() },
  { id: 'owner', label: 'Owners', href: paths.facets('owner') },
  { id: 'tag', label: 'Tags', href: paths.facets('tag') },
] as const

/** The ways into the lake from the root of Explore. */
export function BrowseLinks({ current }: { current: (typeof WAYS)[number]['id'] }) {
  return (
    <nav aria-label="Browse by" className={classes.links}>
      {WAYS.map(({ id, label, href }) => (
        <Link
          key={id}
          href={href}
          prefetch={false}
          className={classes.link}
          {...(id === current && { 'aria-current': 'page' as const })}
        >
          {label}
        </Link>
      ))}
    </nav>
  )
}
