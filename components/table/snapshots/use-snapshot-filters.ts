'use client'
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { useMemo, useState } from 'react'
import type { SnapshotFilter } from '@/lib/client/table/snapshots'

const HOUR_MS = 60 * 60 * 1000
export const PERIODS = ['24h', '7d', '30d'] as const
const PERIOD_MS = { '24h': 24 * HOUR_MS, '7d': 7 * 24 * HOUR_MS, '30d': 30 * 24 * HOUR_MS }
export type Period = (typeof PERIODS)[number]

/** `?operation=`, `?writer=` and `?within=`, which is how long ago snapshots were committed at most. */
const FILTER_PARSERS = {
  operation: parseAsString,
  writer: parseAsString,
  within: parseAsStringLiteral(PERIODS),
}

export type SnapshotFilterState = ReturnType<typeof useSnapshotFilters>

/** The filters of the list of snapshots, which are in the address. */
export function useSnapshotFilters() {
  const [{ operation, writer, within }, setFilters] = useQueryStates(FILTER_PARSERS, { history: 'push' })
  // Not the time of each render, so that one list is not fetched again and again.
  const [openedAtMs] = useState(() => Date.now())
  const filter = useMemo(
    (): SnapshotFilter => ({
      ...(operation !== null && operation !== '' && { operation }),
      ...(writer !== null && writer !== '' && { writer }),
      ...(within !== null && { fromMs: openedAtMs - PERIOD_MS[within] }),
    }),
    [operation, writer, within, openedAtMs],
  )
  return {
    filter,
    operation,
    writer,
    within,
    isSet: operation !== null || writer !== null || within !== null,
    set: (change: { operation?: string | null; writer?: string | null; within?: Period | null }) =>
      void setFilters(change),
    clear: () => void setFilters(null),
  }
}
