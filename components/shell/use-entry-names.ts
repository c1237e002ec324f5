'use client'
import { useQuery } from '@tanstack/react-query'
import { useSettled } from '@/components/ui/use-settled'
import { tablesQuery } from '@/lib/client/namespaces'
import { viewsQuery } from '@/lib/client/views'
import type { Namespace } from '@/lib/names/identifiers'

/**
 * Names of tables or views of a namespace, for a field that offers those that contain what is typed into it: all names,
 * or, of a longer list, those that the server finds.
 */
export function useEntryNames(
  kind: 'table' | 'view',
  { catalog, namespace }: { catalog: string; namespace: Namespace },
  { typed, enabled }: { typed: string; enabled: boolean },
): { names: readonly string[]; error: Error | null } {
  const search = useSettled(typed.trim())
  const isOf = (one: typeof kind) => enabled && kind === one
  const tables = useQuery({ ...tablesQuery(catalog, namespace), enabled: isOf('table') })
  const views = useQuery({ ...viewsQuery(catalog, namespace), enabled: isOf('view') })
  const all = kind === 'table' ? tables : views
  const text = enabled && all.data !== undefined && all.data.nextOffset !== null ? search : ''
  const foundTables = useQuery({ ...tablesQuery(catalog, namespace, text), enabled: isOf('table') })
  const foundViews = useQuery({ ...viewsQuery(catalog, namespace, text), enabled: isOf('view') })
  const names = kind === 'table' ? (foundTables.data ?? tables.data)?.tables : (foundViews.data ?? views.data)?.views
  return { names: names ?? [], error: all.error ?? (kind === 'table' ? foundTables.error : foundViews.error) }
}
