'use client'
import { PAST_STATE_REASON } from '@/components/changes/tray/past-state-reason'
import { useHasPermission } from '@/lib/client/session/permissions'
import type { Permission } from '@/lib/permissions'
import { useShownTable } from './shown-table'

const READ_ONLY_REASONS = {
  embedded: 'This catalog cannot change tables.',
  rest: 'Read only: the catalog does not let Lakeshore change this table.',
  files: 'Read only: the table was opened from its metadata file.',
} as const

/**
 * Whether to offer edits of the shown table: to users who may commit them, and to users who may propose them.
 *
 * @param permission that the commit needs
 * @returns `proposeOnly`: the user may not commit them
 */
export function useCanEdit(
  permission: Permission = 'table:write',
): ReturnType<typeof useCanChange> & { proposeOnly: boolean } {
  const commit = useCanChange(permission)
  const propose = useCanChange('table:propose')
  const proposeOnly = commit.isOffered === false && propose.isOffered === true
  return { ...(proposeOnly ? propose : commit), proposeOnly }
}

/**
 * Whether to offer a change of the shown table: the page shows its current state, the user has the permission, and the
 * catalog supports it.
 *
 * @returns `reason` explains a refusal, unless only the permission is missing; `isOffered` is undefined until the
 * session is known
 */
export function useCanChange(permission: Permission): { isOffered: boolean | undefined; reason: string | null } {
  const { table, detail } = useShownTable()
  const isPermitted = useHasPermission(permission, table)
  if (!detail.shown.isCurrent) return { isOffered: false, reason: PAST_STATE_REASON }
  if (detail.abilities.includes('commit-table')) return { isOffered: isPermitted, reason: null }
  const { unreadable, catalogKind } = detail
  const isUnsupported = unreadable?.code === 'format-unsupported'
  return { isOffered: false, reason: isUnsupported ? unreadable.detail : READ_ONLY_REASONS[catalogKind] }
}
