'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { Unloaded } from '@/components/shell/unloaded'
import { CatalogPrefix } from '@/components/shell/catalog-name'
import { LazyFavouriteButton } from '@/components/shell/shortcuts/lazy-favourite-button'
import { shortcutLook } from '@/components/shell/shortcuts/shortcut-look'
import { Panel } from '@/components/ui/panel'
import { favouriteKey, isDropped, shortcutsQuery } from '@/lib/client/shortcuts'
import type { Favourite, VisitedEntry } from '@/lib/contract/shortcuts'
import { formatCount } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import classes from './home-shortcuts.module.css'

const MAX_SHOWN = 6

/** The newest favourites of the user, and the tables and views that they opened last. */
export function HomeShortcuts() {
  const query = useQuery(shortcutsQuery())
  if (query.data === undefined)
    return (
      <Panel title="Favourites and recent">
        <Unloaded query={query} subject="Your favourites" skeleton={[2, 3, 'Reading favourites']} />
      </Panel>
    )
  const { favourites, visits } = query.data
  const lists = [
    {
      label: 'Favourites',
      entries: favourites,
      empty: 'No favourites yet. The star next to the name of a table, a view or a namespace adds it.',
    },
    {
      label: 'Recent',
      entries: visits,
      empty: 'No tables or views opened yet.',
    },
  ]
  return (
    <div className={classes.lists}>
      {lists.map(({ label, entries, empty }) => (
        <Panel
          key={label}
          title={label}
          {...(entries.length > MAX_SHOWN && {
            subtitle: `newest ${formatCount(MAX_SHOWN)} of ${formatCount(entries.length)}`,
            actions: <Link href={paths.catalogs()}>All in Explore</Link>,
          })}
        >
          {entries.length === 0 ? (
            <p className={classes.empty}>{empty}</p>
          ) : (
            <ul className={classes.list} aria-label={label}>
              {entries.slice(0, MAX_SHOWN).map((one) => (
                <Shortcut key={favouriteKey(one)} one={one} isFavourite={label === 'Favourites'} />
              ))}
            </ul>
          )}
        </Panel>
      ))}
    </div>
  )
}

function Shortcut({ one, isFavourite }: { one: Favourite | VisitedEntry; isFavourite: boolean }) {
  const { icon: Icon, label, catalogName, href } = shortcutLook(one)
  const wasDropped = isDropped(one)
  const title = `${catalogName === null ? label : `${label} in ${catalogName}`}${wasDropped ? ' was dropped' : ''}`
  return (
    <li className={classes.entry}>
      <Icon size={15} stroke={1.6} className={classes.icon ?? ''} aria-hidden />
      <span className={classes.target} title={title}>
        {catalogName !== null && <CatalogPrefix catalog={catalogName} />}
        {wasDropped ? (
          <>
            <s>{label}</s> <span className="quiet">dropped</span>
          </>
        ) : (
          <Link href={href} prefetch={false}>
            {label}
          </Link>
        )}
      </span>
      {isFavourite && <LazyFavouriteButton target={one} name={label} isStarred />}
    </li>
  )
}
