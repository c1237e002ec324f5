'use client'
import { useQuery } from '@tanstack/react-query'
import { catalogsQuery } from '../catalogs'
import { useHasPermission } from './permissions'

/**
 * Whether the user may choose where something in the catalog has its files, and register metadata files there. In the
 * catalog of a connection this needs a role on all of it, because only that catalog knows whose files are where.
 * Undefined until the session and the kind of the catalog are known.
 */
export function useCanChooseLocation(catalog: string): boolean | undefined {
  const hasRoleOnAll = useHasPermission('table:read', { catalog })
  const { data: catalogs } = useQuery(catalogsQuery())
  const kind = catalogs?.find(({ name }) => name === catalog)?.kind
  if (hasRoleOnAll !== false) return hasRoleOnAll
  return kind && kind === 'embedded'
}
