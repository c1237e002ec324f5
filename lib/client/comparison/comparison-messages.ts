import type { NameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { CompareProgress } from '@/lib/scan/compare/compare-rows'
import type { ChangedRows, ChangeFilter, ComparisonResult } from '@/lib/scan/compare/snapshot-comparison'
import type { ReadCost } from '@/lib/scan/data-files'
import type { ListedFile } from '@/lib/api/listed-files'
import type { SerializedError } from '../rows/serialized-error'

/** One of two snapshots, with the files that the other lacks. */
export type SidePlan = {
  token: string
  fields: readonly NestedField[]
  nameMapping: NameMapping | null
  files: readonly ListedFile[]
}

/** The rows to compare, and how. */
export type ComparedRowsChoice = {
  /** Columns that identify a row; empty compares rows as a multiset. */
  keyIds: readonly number[]
  /** Top-level columns whose values make rows equal or not; null for all of them. */
  comparedIds: readonly number[] | null
  /** The filter that rows pass, as JSON with field ids; null for every row. */
  where: string | null
}

/** A request to the worker that compares two snapshots. It is ended to cancel a comparison. */
export type ComparisonRequest =
  | ({ kind: 'compare'; before: SidePlan; after: SidePlan } & ComparedRowsChoice)
  | { kind: 'read'; id: number; filter: ChangeFilter; from: number; to: number }

export type ComparisonReply =
  | { kind: 'progress'; progress: CompareProgress; cost: ReadCost }
  | { kind: 'compared'; result: ComparisonResult; cost: ReadCost; elapsedMs: number }
  | { kind: 'rows'; id: number; rows: ChangedRows }
  /** `id` of the request for rows; null for the comparison itself. */
  | { kind: 'failed'; id: number | null; error: SerializedError }
