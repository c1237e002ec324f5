import { useHasPermission } from '@/lib/client/session/permissions'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'

/** Why the user cannot give a table or view this name, and may only propose it; null: they can, as far as is known. */
export function useNameBlocker(to: TableIdentifier, kind: 'table' | 'view' = 'table'): string | null {
  const isPermitted = useHasPermission('table:write', to)
  return isPermitted === false
    ? `You may not create ${kind}s in ${namespaceLabel(to.namespace)}. Another user can carry out what you propose.`
    : null
}
