'use client'
import { useShownTable } from '@/components/table/frame/shown-table'
import { useCanEdit } from '@/components/table/frame/use-can-change'

/**
 * The changes of refs that the user may commit or propose on the shown table. Moving a branch, creating one and
 * removing refs need `table:maintain`, creating a tag `table:write`.
 */
export function useRefAbilities() {
  const { detail } = useShownTable()
  const write = useCanEdit('table:write')
  const maintain = useCanEdit('table:maintain')
  const reasonOf = ({ isOffered, reason }: typeof write) => {
    if (isOffered === true) return null
    if (reason === null) return 'not permitted'
    return detail.shown.isCurrent ? 'read only' : 'only now'
  }
  return {
    /** Whether to list changes at all: not for users who may make none of them. */
    isOffered: write.isOffered === true || maintain.isOffered === true || write.reason !== null,
    /** Why tags cannot be created, in a few words; null: they can. */
    tagOff: reasonOf(write),
    /** Why the rest cannot be done; null: it can. */
    moveOff: reasonOf(maintain),
  }
}
