import type { SignedScanPlan } from '@/lib/contract/scan'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ShownVersion } from '@/lib/query/select-from-table'
import type { OutputFilter } from '@/lib/scan/output/encode-scan'
import type { ExportState } from './use-rows-export'

/** The rows as a grid shows them. */
export type ExportedRows = {
  table: TableIdentifier
  shown: ShownVersion
  plan: SignedScanPlan
  /** The shown columns, in order. */
  fields: readonly NestedField[]
  /** Whether these are all columns of the table, in its order. */
  areAllColumns: boolean
  /** On the rows, with all columns of the table; null without one. */
  filter: OutputFilter | null
  /** Without rows that are known to be deleted; null while a filter is searched. */
  rowCount: number | null
}

/** Empty while nothing ended: progress is not announced again and again. */
export function outcomeText(state: ExportState): string {
  if (state.kind !== 'done') return ''
  const { rowCount, sizeBytes } = state.progress
  return `Saved ${state.fileName}: ${formatQuantity(rowCount, 'row')}, ${formatBytes(sizeBytes)}.`
}
