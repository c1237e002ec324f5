'use client'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useShownTable } from '@/components/table/frame/shown-table'
import { publicationsQuery } from '@/lib/client/table/publications'
import type { Publication } from '@/lib/contract/table/publications'
import type { Snapshot } from '@/lib/contract/table/snapshots'

/** A row of the list: a snapshot, or the card below it with which its branch is published. */
export type SnapshotRow = Snapshot & { card?: Publication }

/** The snapshots, each followed by the cards of the publications that it belongs to. A failure leaves out the cards. */
export function usePublicationRows(snapshots: readonly Snapshot[]) {
  const { table } = useShownTable()
  const { data, error, refetch } = useQuery(publicationsQuery(table))
  const rows = useMemo(
    () =>
      snapshots.flatMap((snapshot): SnapshotRow[] => {
        const cards = data?.publications.filter(({ snapshotId }) => snapshotId === snapshot.snapshotId) ?? []
        return [snapshot, ...cards.map((card) => ({ ...snapshot, card }))]
      }),
    [snapshots, data],
  )
  return { rows, canCheck: data?.isEnabled ?? false, error, refetch }
}
