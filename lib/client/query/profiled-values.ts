import type { QueryClient } from '@tanstack/react-query'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { ColumnProfile } from '@/lib/query/column-profile-types'
import type { RowValue } from '@/lib/scan/read/row-values'
import { keys } from '../keys'

type ProfiledColumn = { table: TableIdentifier; snapshotId: string; fieldId: number }

/** Keeps the most frequent values of a column, which a filter of it can offer. */
export function storeProfiledValues(client: QueryClient, column: ProfiledColumn, profile: ColumnProfile): void {
  client.setQueryData(
    keyOf(column),
    profile.values?.top.map(({ value }) => value),
  )
}

/** The most frequent values of a column if it was profiled at this snapshot, whatever the filter of the rows was then. */
export function profiledValues(client: QueryClient, column: ProfiledColumn): readonly RowValue[] {
  return client.getQueryData<readonly RowValue[]>(keyOf(column)) ?? []
}

function keyOf({ table, snapshotId, fieldId }: ProfiledColumn) {
  return [...keys.table(table), 'profiled-values', snapshotId, fieldId]
}
