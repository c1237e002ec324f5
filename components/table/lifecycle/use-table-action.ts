import type { Permission } from '@/lib/permissions'
import { parseAsStringLiteral, useQueryState } from 'nuqs'

export const TABLE_ACTIONS = ['about', 'clone', 'rename', 'delete-rows', 'drop'] as const
export type TableAction = (typeof TABLE_ACTIONS)[number]

/** A clone creates a table and leaves this one as it is. */
export const PERMISSION_FOR: Readonly<Record<TableAction, Permission>> = {
  about: 'table:propose',
  clone: 'table:write',
  rename: 'table:propose',
  'delete-rows': 'table:propose',
  drop: 'table:propose',
}

/** The action whose panel is open. It is in the address, so that Back closes it. */
export function useTableAction() {
  return useQueryState('action', parseAsStringLiteral(TABLE_ACTIONS).withOptions({ history: 'push' }))
}
