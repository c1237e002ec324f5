import { IconEye, IconFolder, IconTable, IconTerminal2, type TablerIcon } from '@tabler/icons-react'
import type { Favourite, VisitedEntry } from '@/lib/contract/shortcuts'
import { visibleText } from '@/lib/format/visible-text'
import { namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'

const ICONS: Readonly<Record<Favourite['kind'], TablerIcon>> = {
  table: IconTable,
  view: IconEye,
  namespace: IconFolder,
  query: IconTerminal2,
}

/** How lists show a favourite or a visited entry. `catalogName`: its catalog; null for a saved query. */
export function shortcutLook(one: Favourite | VisitedEntry): {
  icon: TablerIcon
  label: string
  catalogName: string | null
  href: string
} {
  const icon = ICONS[one.kind]
  if (one.kind === 'query')
    return { icon, label: visibleText(one.name), catalogName: null, href: paths.savedQuery(one.queryId) }
  const { catalog, namespace } = one
  const parent = namespaceLabel(namespace)
  if (one.kind === 'namespace')
    return { icon, label: visibleText(parent), catalogName: catalog, href: paths.namespace(catalog, namespace) }
  const href = paths.entry(catalog, namespace, { kind: one.kind, name: one.name })
  return { icon, label: visibleText(`${parent}.${one.name}`), catalogName: catalog, href }
}

/** Visited entries apart from the page that is open. */
export function otherVisits(visits: readonly VisitedEntry[], pathname: string): VisitedEntry[] {
  return visits.filter((one) => {
    const { href } = shortcutLook(one)
    return pathname !== href && !pathname.startsWith(`${href}/`)
  })
}
