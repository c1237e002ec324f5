import { useEffect, useRef, useState } from 'react'
import { readRowFilter } from '@/components/table/rows/filter/row-filter'
import { type MatchingRows, readMatchingRows } from '@/lib/client/comparison/read-row-versions'
import type { Snapshot } from '@/lib/contract/table/snapshots'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { compareRowVersions, type RowVersionChange } from '@/lib/scan/compare/row-versions'

/** Snapshots that are read before *Older* is pressed. */
const SNAPSHOTS_PER_STEP = 20

export type HistoryEntry = { snapshot: Snapshot; changes: readonly RowVersionChange[] }

export type RowHistoryState = {
  entries: readonly HistoryEntry[]
  /** Snapshots whose rows are known. */
  readCount: number
  /** Rows of the newest snapshot. */
  currentRowCount: number | null
  bytesRead: number
  filesRead: number
  isReading: boolean
  error: AppError | null
}

export type RowHistoryOptions = {
  table: TableIdentifier
  condition: string
  fields: readonly NestedField[]
  /** In which columns of the condition have names that they have no longer. */
  otherSchemas: readonly (readonly NestedField[])[]
  /** Those of a branch, newest first. */
  snapshots: readonly Snapshot[]
}

const EMPTY: RowHistoryState = {
  entries: [],
  readCount: 0,
  currentRowCount: null,
  bytesRead: 0,
  filesRead: 0,
  isReading: true,
  error: null,
}

/**
 * The changes of the rows that meet a condition, newest first, some snapshots at a time. It belongs to one condition
 * and one list of snapshots; others mount another component.
 *
 */
export function useRowHistory({ table, condition, fields, otherSchemas, snapshots }: RowHistoryOptions) {
  const [state, setState] = useState(EMPTY)
  const [goal, setGoal] = useState(SNAPSHOTS_PER_STEP)
  /** The rows of the snapshot before which the reading stopped. */
  const last = useRef<{ rows: MatchingRows; index: number } | null>(null)

  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    const update = (change: (current: RowHistoryState) => RowHistoryState) => {
      if (!signal.aborted) setState(change)
    }
    const readOn = async () => {
      // As in Data: with field ids, a condition also finds the row before its columns were renamed.
      const { where, conditions } = readRowFilter(condition, fields, otherSchemas)
      const missing = conditions.flatMap((one) => one.missing ?? [])
      if (where === null || missing.length > 0)
        throw new AppError('invalid-request', `The table no longer has the column ${missing.join(', ')}.`)
      update((current) => ({ ...current, isReading: true, error: null }))
      for (let index = (last.current?.index ?? -1) + 1; index < Math.min(goal, snapshots.length); index++) {
        const snapshot = snapshots[index]
        if (!snapshot) break
        const { snapshotId } = snapshot
        const newer = last.current
        const rows = await readMatchingRows({ table, snapshotId, where, fields }, newer?.rows ?? null, signal)
        if (signal.aborted) return
        last.current = { rows, index }
        const newerSnapshot = snapshots[index - 1]
        const changes = newer ? compareRowVersions(fields, rows.rows, newer.rows.rows) : []
        update((current) => ({
          ...current,
          currentRowCount: current.currentRowCount ?? rows.rows.length,
          readCount: index + 1,
          bytesRead: current.bytesRead + rows.bytesRead,
          filesRead: current.filesRead + rows.filesRead,
          entries:
            changes.length > 0 && newerSnapshot
              ? [...current.entries, { snapshot: newerSnapshot, changes }]
              : current.entries,
        }))
      }
      // Before the first snapshot of a table no row existed. An expired snapshot says nothing about its rows.
      const oldest = snapshots.at(-1)
      if (oldest && oldest.parentSnapshotId === null && last.current?.index === snapshots.length - 1) {
        const changes = compareRowVersions(fields, [], last.current.rows.rows)
        last.current = { ...last.current, index: snapshots.length }
        if (changes.length > 0) {
          update((current) => ({ ...current, entries: [...current.entries, { snapshot: oldest, changes }] }))
        }
      }
      update((current) => ({ ...current, isReading: false }))
    }
    readOn().catch((thrown: unknown) => {
      const error = thrown instanceof AppError ? thrown : new AppError('internal', String(thrown))
      update((current) => ({ ...current, isReading: false, error }))
    })
    return () => controller.abort()
  }, [table, condition, fields, otherSchemas, snapshots, goal])

  return {
    state,
    hasOlder: state.readCount < snapshots.length,
    readOlder: () => setGoal(state.readCount + SNAPSHOTS_PER_STEP),
  }
}
