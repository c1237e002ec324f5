'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useShownTable } from '@/components/table/frame/shown-table'
import { storeProfiledValues } from '@/lib/client/query/profiled-values'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { ColumnProfilePanel } from './column-profile-panel'

/** The profile of a column of the shown table at the shown snapshot, over the rows that pass the filter `where`. */
export function TableColumnProfile({
  field,
  where,
  onClose,
}: {
  field: NestedField
  where: string | undefined
  onClose: () => void
}) {
  const { table, detail } = useShownTable()
  const client = useQueryClient()
  const { snapshotId } = detail.shown
  const { fields } = detail.schema
  const rowCount = detail.figures.rowCount ?? Number.POSITIVE_INFINITY
  const profiled = useMemo(
    () => ({ table, snapshotId: snapshotId ?? '', fields, rowCount, where }),
    [table, snapshotId, fields, rowCount, where],
  )
  return (
    <ColumnProfilePanel
      field={field}
      table={profiled}
      onProfiled={(profile) => storeProfiledValues(client, { ...profiled, fieldId: field.id }, profile)}
      onClose={onClose}
    />
  )
}
