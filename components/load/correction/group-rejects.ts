import type { LoadReject } from '@/lib/contract/jobs'
import { groupReason } from '@/lib/ingest/rejects/reason-group'
import { knownPart } from './record-positions'

/** Rejects of one column for one reason. */
export type RejectGroup = {
  key: string
  /** Null: whole rows. */
  column: string | null
  reason: string
  /** In the list of rejects, in their order. */
  indexes: readonly number[]
  /** The values that can be replaced, most first. */
  values: readonly { value: string; count: number }[]
}

/** The rejects by column and reason, most first. */
export function groupRejects(rejects: readonly LoadReject[]): RejectGroup[] {
  const keys = rejects.map(({ column, reason }) => JSON.stringify([column, groupReason(reason)]))
  const groups = Array.from(
    Map.groupBy(rejects.keys(), (index) => keys[index] ?? ''),
    ([key, indexes]): RejectGroup => {
      const found = indexes.flatMap((index) => rejects[index] ?? [])
      const replaceable = found.flatMap((reject) => (knownPart(reject) === null ? [] : (reject.value ?? [])))
      const values = Array.from(
        Map.groupBy(replaceable, (value) => value),
        ([value, { length }]) => ({ value, count: length }),
      )
      return {
        key,
        column: found[0]?.column ?? null,
        reason: groupReason(found[0]?.reason ?? ''),
        indexes,
        values: found[0]?.column == null ? [] : values.toSorted((a, b) => b.count - a.count),
      }
    },
  )
  return groups.toSorted((a, b) => b.indexes.length - a.indexes.length)
}
