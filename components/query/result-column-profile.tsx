'use client'
import { ProfilePanel } from '@/components/table/rows/columns/column-profile-panel'
import { useResultProfile } from '@/lib/client/query/use-column-profile'
import type { QueryResult } from '@/lib/query/engine'
import { sqlTypeLabel } from './result-table'

/** A summary of one column over the rows of a result, which it reads from memory. */
export function ResultColumnProfile({
  result,
  column,
  onClose,
}: {
  result: QueryResult
  /** Its index. */
  column: number
  onClose: () => void
}) {
  const { name, type, sqlType } = result.columns[column] ?? { name: '', type: 'unknown', sqlType: '' }
  const profiling = useResultProfile(result, column)
  return (
    <ProfilePanel
      field={{ id: column, name, type, required: false }}
      typeText={sqlTypeLabel(sqlType)}
      rowsText={result.isTruncated ? 'the first of a truncated result' : 'all of this result'}
      profiling={profiling}
      onClose={onClose}
    />
  )
}
