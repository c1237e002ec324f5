'use client'
import { IconPlugConnected } from '@tabler/icons-react'
import { usePathname } from 'next/navigation'
import { useState } from 'react'
import { FilterField } from '@/components/ui/controls/filter-field'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { retryFetch } from '@/lib/client/call/retry'
import { formatQuantity } from '@/lib/format/count'
import { paths, targetFromPathname } from '@/lib/paths/paths'
import classes from './catalog-tree.module.css'
import shortcutClasses from './tree-shortcuts.module.css'
import { Tree } from './tree'
import { useTreeRows } from './use-tree-rows'

const LazyFoundTree = lazyComponent(async () => (await import('./found-tree')).FoundTree, {
  loading: () => <div className={classes.scroller} />,
})

const LazyTreeShortcuts = lazyComponent(async () => (await import('./tree-shortcuts')).TreeShortcuts, {
  loading: () => <div className={shortcutClasses.space} />,
})

const TREE_LABEL = 'Catalogs, namespaces, tables and views'

/**
 * Catalogs, namespaces, tables and views, next to every page of Explore. A node is read when it is opened, and the tree
 * is filtered as the user types.
 */
export function CatalogTree() {
  const pathname = usePathname()
  const target = targetFromPathname(pathname)
  const selected = targetHref(target)
  const [filter, setFilter] = useState('')
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(() => new Set(ancestorHrefs(target)))
  const { rows, catalogCount, error, isPending, refetch } = useTreeRows(expanded)

  // Navigating to a page expands its ancestors, and the only catalog of a lake starts expanded. What the user opens or
  // closes afterwards stays that way.
  const onlyCatalog = catalogCount === 1 ? rows[0]?.id : undefined
  const hrefsToExpand = [...ancestorHrefs(target), ...(onlyCatalog === undefined ? [] : [onlyCatalog])].join('\n')
  const [expandedHrefs, setExpandedHrefs] = useState('')
  if (hrefsToExpand !== expandedHrefs) {
    setExpandedHrefs(hrefsToExpand)
    setExpanded(new Set([...expanded, ...hrefsToExpand.split('\n').filter(Boolean)]))
  }

  const toggle = (id: string, open: boolean) => {
    const next = new Set(expanded)
    if (open) next.add(id)
    else next.delete(id)
    setExpanded(next)
  }
  const query = filter.trim()
  return (
    <nav className={classes.tree} aria-label="Catalogs">
      <div className={classes.filter}>
        <FilterField
          label={catalogCount === 0 ? 'Filter' : `Filter ${formatQuantity(catalogCount, 'catalog')}`}
          value={filter}
          onChange={setFilter}
          hasSlashShortcut="fallback"
        />
      </div>
      <LazyTreeShortcuts />
      {query !== '' ? (
        <LazyFoundTree query={query} label={TREE_LABEL} selectedId={selected} onToggle={toggle} />
      ) : error ? (
        <div className={classes.problem}>
          <ProblemNote error={error} subject="The catalog tree" onRetry={() => retryFetch(refetch)} />
        </div>
      ) : isPending ? (
        <div className={classes.scroller}>
          <SkeletonRows rows={6} columns={1} label="Reading catalogs" />
        </div>
      ) : (
        <Tree rows={rows} selectedId={selected} onToggle={toggle} label={TREE_LABEL} />
      )}
      <footer className={classes.foot}>
        <IconPlugConnected size={14} stroke={1.6} aria-hidden />
        {isPending || error ? '' : formatQuantity(catalogCount, 'catalog')}
      </footer>
    </nav>
  )
}

function targetHref({ catalog, namespace, table, view }: ReturnType<typeof targetFromPathname>): string | null {
  if (catalog === undefined) return null
  if (namespace === undefined) return paths.catalog(catalog)
  if (view !== undefined) return paths.view({ catalog, namespace, view })
  return table === undefined ? paths.namespace(catalog, namespace) : paths.table({ catalog, namespace, table })
}

/** The nodes to expand so that the tree shows the page's target; they include its own namespace. */
function ancestorHrefs({ catalog, namespace = [] }: ReturnType<typeof targetFromPathname>): string[] {
  if (catalog === undefined) return []
  return [
    paths.catalog(catalog),
    ...namespace.map((_, level) => paths.namespace(catalog, namespace.slice(0, level + 1))),
  ]
}
