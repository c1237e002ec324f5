'use client'
import { useHasPermission } from '@/lib/client/permissions'
import type { Permission } from '@/lib/permissions'
import { useShownTable } from './shown-table'

const READ_ONLY_REASONS = {
  embedded: 'This catalog cannot change tables.',
  rest: 'Its catalog lets Lakeshore read this table, not change it.',
  files: 'It is opened from its metadata file, which can only be read.',
} as const

/**
 * Whether to offer a change of the shown table: the person may, and its catalog can.
 *
 * @returns `reason`: why not, where it is the catalog's; `isOffered` is undefined until it is known who is signed in
 */
export function useCanChange(permission: Permission): { isOffered: boolean | undefined; reason: string | null } {
  const { detail } = useShownTable()
  const isPermitted = useHasPermission(permission)
  if (detail.abilities.includes('commit-table')) return { isOffered: isPermitted, reason: null }
  return { isOffered: false, reason: READ_ONLY_REASONS[detail.catalogKind] }
}
