'use client'
import { useQuery } from '@tanstack/react-query'
import { useSettled } from '@/components/ui/use-settled'
import { namespacesQuery } from '@/lib/client/namespaces'
import type { Namespace } from '@/lib/names/identifiers'

/**
 * Namespaces directly in `parent`, for a field that offers those that contain what is typed into it: all of them, or, of
 * a longer list, those that the server finds.
 *
 * @param parent null: the top of the catalog
 */
export function useKnownNamespaces(
  { catalog, parent }: { catalog: string; parent: Namespace | null },
  { typed, enabled = true }: { typed: string; enabled?: boolean },
): { namespaces: readonly Namespace[]; error: Error | null } {
  const search = useSettled(typed.trim())
  const all = useQuery({ ...namespacesQuery(catalog, parent), enabled })
  const text = all.data?.isTruncated === true ? search : ''
  const found = useQuery({ ...namespacesQuery(catalog, parent, text), enabled })
  const { namespaces = [] } = found.data ?? all.data ?? {}
  return { namespaces: namespaces.map(({ namespace }) => namespace), error: all.error ?? found.error }
}
