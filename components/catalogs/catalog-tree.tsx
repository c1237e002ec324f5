'use client'
import { useDebouncedValue } from '@mantine/hooks'
import { IconPlugConnected } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { usePathname } from 'next/navigation'
import { useState } from 'react'
import { FilterField } from '@/components/ui/filter-field'
import { ProblemNote } from '@/components/ui/problem-note'
import { SkeletonRows } from '@/components/ui/skeleton-rows'
import { searchQuery } from '@/lib/client/search'
import { counted } from '@/lib/format/count'
import { paths, placeFromPathname } from '@/lib/paths'
import classes from './catalog-tree.module.css'
import { Tree } from './tree'
import { foundRows } from './tree-rows'
import { useTreeRows } from './use-tree-rows'

const PAUSE_MS = 120

/** Catalogs, namespaces, tables and views beside every page of Explore: read as it is opened, filtered as one types. */
export function CatalogTree() {
  const pathname = usePathname()
  const place = placeFromPathname(pathname)
  const selected = addressOfPlace(place)
  const [filter, setFilter] = useState('')
  const [words] = useDebouncedValue(filter.trim(), PAUSE_MS)
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(() => new Set(ancestorsOf(place)))
  const { rows, catalogCount, error, isPending } = useTreeRows(expanded)
  const found = useQuery({ ...searchQuery(words), enabled: words !== '' })

  // Going somewhere opens the way there, as if one had walked it, and a lake with one catalog is met open, since there
  // is nothing to choose between; what was opened or closed by hand since stays so.
  const onlyCatalog = catalogCount === 1 ? rows[0]?.id : undefined
  const way = [...ancestorsOf(place), ...(onlyCatalog === undefined ? [] : [onlyCatalog])].join('\n')
  const [openedWay, setOpenedWay] = useState('')
  if (way !== openedWay) {
    setOpenedWay(way)
    setExpanded(new Set([...expanded, ...way.split('\n').filter(Boolean)]))
  }

  const toggle = (id: string, open: boolean) => {
    const next = new Set(expanded)
    if (open) next.add(id)
    else next.delete(id)
    setExpanded(next)
  }
  const isFiltered = filter.trim() !== ''
  const shown = isFiltered ? foundRows(found.data?.hits ?? []) : rows
  const problem = isFiltered ? found.error : error
  return (
    <nav className={classes.tree} aria-label="Catalogs">
      <div className={classes.filter}>
        <FilterField
          label={catalogCount === 0 ? 'Filter' : `Filter ${counted(catalogCount, 'catalog')}`}
          value={filter}
          onChange={setFilter}
        />
      </div>
      {problem ? (
        <div className={classes.problem}>
          <ProblemNote error={problem} what="The catalog tree" />
        </div>
      ) : isPending ? (
        <div className={classes.scroller}>
          <SkeletonRows rows={6} columns={1} label="Reading catalogs" />
        </div>
      ) : isFiltered && found.data && shown.length === 0 ? (
        <p className={classes.nothing}>No name matches “{filter.trim()}”.</p>
      ) : (
        <Tree rows={shown} selectedId={selected} onToggle={toggle} label="Catalogs, namespaces, tables and views" />
      )}
      <footer className={classes.foot}>
        <IconPlugConnected size={14} stroke={1.6} aria-hidden />
        {isFiltered && found.data?.isCut
          ? 'only the closest are shown'
          : isPending || error
            ? ''
            : counted(catalogCount, 'catalog')}
      </footer>
    </nav>
  )
}

function addressOfPlace({ catalog, namespace, table, view }: ReturnType<typeof placeFromPathname>): string | null {
  if (catalog === undefined) return null
  if (namespace === undefined) return paths.catalog(catalog)
  if (view !== undefined) return paths.view({ catalog, namespace, table: view })
  return table === undefined ? paths.namespace(catalog, namespace) : paths.table({ catalog, namespace, table })
}

/** Addresses of what has to be open for a place to be seen in the tree, the namespace one is in included. */
function ancestorsOf({ catalog, namespace = [] }: ReturnType<typeof placeFromPathname>): string[] {
  if (catalog === undefined) return []
  return [
    paths.catalog(catalog),
    ...namespace.map((_, level) => paths.namespace(catalog, namespace.slice(0, level + 1))),
  ]
}
