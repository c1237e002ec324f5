'use client'
import { useHasPermission } from '@/lib/client/permissions'
import type { Permission } from '@/lib/permissions'
import { useShownTable } from './shown-table'

const READ_ONLY_REASONS = {
  embedded: 'This catalog cannot change tables.',
  rest: 'Read only: the catalog does not let Lakeshore change this table.',
  files: 'Read only: the table was opened from its metadata file.',
} as const

/**
 * Whether to offer a change of the shown table: the user has the permission and the catalog supports it.
 *
 * @returns `reason` says why not, if the catalog is the cause; `isOffered` is undefined until the session is known
 */
export function useCanChange(permission: Permission): { isOffered: boolean | undefined; reason: string | null } {
  const { detail } = useShownTable()
  const isPermitted = useHasPermission(permission)
  if (detail.abilities.includes('commit-table')) return { isOffered: isPermitted, reason: null }
  return { isOffered: false, reason: READ_ONLY_REASONS[detail.catalogKind] }
}
