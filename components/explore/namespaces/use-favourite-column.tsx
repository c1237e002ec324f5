import { ActionIcon } from '@mantine/core'
import { IconStar, IconStarFilled } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { Column } from '@/components/ui/table/data-table'
import { favouriteKey, isDropped, shortcutsQuery, useSetFavourite } from '@/lib/client/shortcuts'
import type { FavouriteTarget } from '@/lib/contract/shortcuts'
import { visibleText } from '@/lib/format/visible-text'
import type { Namespace } from '@/lib/names/identifiers'
import type { Entry } from './entry'
import classes from './namespaces.module.css'

/** The column of stars of a namespace's list, and why the last change of one failed. */
export function useFavouriteColumn(
  catalog: string,
  namespace: Namespace,
): { column: Column<Entry>; problem: string | null } {
  const { data } = useQuery(shortcutsQuery())
  const change = useSetFavourite()
  const stored = new Set(data?.favourites.filter((one) => !isDropped(one)).map(favouriteKey))
  const changed = change.isPending ? change.variables : null
  const column: Column<Entry> = {
    id: 'favourite',
    header: '',
    width: 56,
    align: 'end',
    cell: (entry) => {
      const target = toTarget(catalog, namespace, entry)
      const key = favouriteKey(target)
      const isFavourite = changed && favouriteKey(changed.target) === key ? changed.isFavourite : stored.has(key)
      const Icon = isFavourite ? IconStarFilled : IconStar
      return (
        <ActionIcon
          size={24}
          className={classes.star ?? ''}
          aria-label={visibleText(`Favourite ${entry.name}`)}
          aria-pressed={isFavourite}
          title={isFavourite ? 'Remove from favourites' : 'Add to favourites'}
          onClick={() => change.mutate({ target, isFavourite: !isFavourite })}
        >
          <Icon size={15} stroke={1.6} aria-hidden />
        </ActionIcon>
      )
    },
  }
  return { column, problem: change.error?.message ?? null }
}

function toTarget(catalog: string, namespace: Namespace, entry: Entry): FavouriteTarget {
  return entry.kind === 'namespace'
    ? { kind: entry.kind, catalog, namespace: [...entry.inside.namespace] }
    : { kind: entry.kind, catalog, namespace: [...namespace], name: entry.name }
}
