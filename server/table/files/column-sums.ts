import 'server-only'
import type { ColumnSummary } from '@/lib/contract/table/files'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import type { NestedField, PrimitiveType } from '@/lib/iceberg/schema/types'
import { type Comparable, compareComparables } from '@/lib/scan/predicate/comparable'
import { decodeBounds } from '@/lib/scan/predicate/file-metrics'
import { boundText } from '@/server/table/bound-text'

/** With more files their metrics are not added up: each file's are decoded, a few microseconds per column. */
export const MAX_MEASURED_FILES = 10_000

/** A bound in the order of its type, and its bytes. */
type Bound = { value: Comparable; bytes: Uint8Array }

/** Null: the metrics of some file do not say. `lower` and `upper` are undefined while every value is null. */
type ColumnSum = {
  fieldId: number
  type: PrimitiveType
  nullCount: number | null
  lower: Bound | null | undefined
  upper: Bound | null | undefined
}

/** Adds up the metrics of data files, column by column. A column is unknown if any file does not say. */
export class ColumnSums {
  readonly #fields: readonly NestedField[]
  readonly #sums: ColumnSum[]
  #rowCount = 0
  #fileCount = 0

  constructor(fields: readonly NestedField[]) {
    this.#fields = fields
    this.#sums = fields.flatMap(({ id: fieldId, type }) =>
      typeof type === 'string' ? [{ fieldId, type, nullCount: 0, lower: undefined, upper: undefined }] : [],
    )
  }

  add({ recordCount, metrics }: Pick<DataFile, 'recordCount' | 'metrics'>): void {
    this.#fileCount += 1
    this.#rowCount += recordCount
    if (this.#fileCount > MAX_MEASURED_FILES || recordCount === 0) return
    // Each access decodes the whole map.
    const { nullValueCounts, lowerBounds, upperBounds } = metrics
    for (const sum of this.#sums) {
      const nullCount = nullValueCounts.get(sum.fieldId)
      sum.nullCount = nullCount === undefined || sum.nullCount === null ? null : sum.nullCount + nullCount
      // A column of nulls has no bounds.
      if (nullCount === recordCount) continue
      const [lower, upper] = [lowerBounds.get(sum.fieldId), upperBounds.get(sum.fieldId)]
      const bounds = decodeBounds(sum.type, lower, upper)
      sum.lower = outer(sum.lower, toBound(bounds.lower, lower), -1)
      sum.upper = outer(sum.upper, toBound(bounds.upper, upper), 1)
    }
  }

  /** In the order of the fields. */
  toList(): ColumnSummary[] {
    const isMeasured = this.#fileCount <= MAX_MEASURED_FILES && this.#rowCount > 0
    const sums = new Map(isMeasured ? this.#sums.map((sum) => [sum.fieldId, sum] as const) : [])
    return this.#fields.map(({ id: fieldId }) => {
      const sum = sums.get(fieldId)
      return {
        fieldId,
        nullShare: sum === undefined || sum.nullCount === null ? null : Math.min(1, sum.nullCount / this.#rowCount),
        lowerBound: sum === undefined ? null : boundText(sum.type, sum.lower?.bytes),
        upperBound: sum === undefined ? null : boundText(sum.type, sum.upper?.bytes),
      }
    })
  }
}

function toBound(value: Comparable | null, bytes: Uint8Array | null | undefined): Bound | null {
  return value === null || !bytes ? null : { value, bytes }
}

/** The one of two bounds that includes the other; null if one is unknown, or if they cannot be compared. */
function outer(known: Bound | null | undefined, next: Bound | null, direction: 1 | -1): Bound | null {
  if (known === undefined) return next
  if (known === null || next === null) return null
  const order = direction * compareComparables(next.value, known.value)
  if (Number.isNaN(order)) return null
  return order > 0 ? next : known
}
