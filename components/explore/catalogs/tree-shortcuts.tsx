'use client'
import { useLocalStorage } from '@mantine/hooks'
import { IconHistory, IconStar } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { otherVisits, shortcutLook } from '@/components/shell/shortcuts/shortcut-look'
import { FavouriteButton } from '@/components/shell/shortcuts/favourite-button'
import { favouriteKey, isDropped, shortcutsQuery } from '@/lib/client/shortcuts'
import type { Favourite, VisitedEntry } from '@/lib/contract/shortcuts'
import { formatCount } from '@/lib/format/count'
import classes from './tree-shortcuts.module.css'

/**
 * The favourites of the user and the entries that they visited last, above the tree. One of the two lists is open at a
 * time, and the line with their buttons always has the same height, so that the tree does not move by itself.
 */
export function TreeShortcuts() {
  const { data, error } = useQuery(shortcutsQuery())
  const pathname = usePathname()
  const [opened, setOpened] = useLocalStorage<'favourites' | 'visits' | null>({
    key: 'lakeshore-tree-shortcuts',
    defaultValue: null,
  })
  const favourites = data?.favourites ?? []
  const visits = data ? otherVisits(data.visits, pathname) : []
  const lists = [
    {
      id: 'favourites' as const,
      label: 'Favourites',
      icon: IconStar,
      entries: favourites,
      empty: 'No favourites yet. The star next to the name of a table, a view or a namespace adds it.',
    },
    {
      id: 'visits' as const,
      label: 'Recent',
      icon: IconHistory,
      entries: visits,
      empty: 'No tables or views opened yet.',
    },
  ]
  const shown = lists.find(({ id }) => id === opened)
  return (
    <section aria-label="Shortcuts" className={classes.shortcuts}>
      <div className={classes.buttons}>
        {lists.map(({ id, label, icon: Icon, entries }) => (
          <button
            key={id}
            type="button"
            className={classes.toggle}
            aria-expanded={opened === id}
            onClick={() => setOpened(opened === id ? null : id)}
          >
            <Icon size={14} stroke={1.6} aria-hidden />
            {label}
            {data && <span className={classes.count}>{formatCount(entries.length)}</span>}
          </button>
        ))}
      </div>
      {shown &&
        (error ? (
          <p role="alert" className={classes.note}>
            {shown.label} could not be read: {error.message}
          </p>
        ) : shown.entries.length === 0 ? (
          <p className={classes.note}>{data ? shown.empty : 'Reading…'}</p>
        ) : (
          <ul className={classes.list} aria-label={shown.label}>
            {shown.entries.map((one) => (
              <Shortcut key={favouriteKey(one)} one={one} isFavourite={shown.id === 'favourites'} />
            ))}
          </ul>
        ))}
    </section>
  )
}

function Shortcut({ one, isFavourite }: { one: Favourite | VisitedEntry; isFavourite: boolean }) {
  const { icon: Icon, label, catalogName, href } = shortcutLook(one)
  const wasDropped = isDropped(one)
  const title = catalogName === null ? label : `${label} in ${catalogName}`
  return (
    <li className={classes.entry}>
      {wasDropped ? (
        <span className={classes.target} title={`${title} was dropped`}>
          <Icon size={15} stroke={1.6} className={classes.icon ?? ''} aria-hidden />
          <s className="truncate">{label}</s>
          <span className={classes.inCatalog}>dropped</span>
        </span>
      ) : (
        <Link href={href} prefetch={false} className={classes.target} title={title}>
          <Icon size={15} stroke={1.6} className={classes.icon ?? ''} aria-hidden />
          <span className="truncate">{label}</span>
          {catalogName !== null && <span className={classes.inCatalog}>{catalogName}</span>}
        </Link>
      )}
      {isFavourite && <FavouriteButton target={one} name={label} isStarred size={24} />}
    </li>
  )
}
