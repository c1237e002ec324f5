import type { DataFile } from '../iceberg/manifest/manifest'
import type { PartitionSpec } from '../iceberg/partitioning/partition-spec'
import type { Value } from '../iceberg/schema/types'
import { CoveredRows } from './covered-rows'
import { createSpanReader, type FieldSpan, isOrdinal, type SpanReader, toOrdinal } from './file-span'
import type { LayoutField } from './layout-field'

/** Rows of a partition that are in files of which all, or all nulls, are in it. */
export type ExactCell = {
  values: readonly (Value | null)[]
  rows: number
  deleted: DeletedRows
}

/** How many rows of a file its delete files delete, at least and at most. */
export type DeletedRows = { least: number; most: number }

/**
 * Adds up files by the partitions that their rows would be in. It holds a few numbers for each partition and each
 * different range of bounds, never a file.
 */
export class LayoutTally {
  readonly fields: readonly LayoutField[]
  readonly exact = new Map<string, ExactCell>()
  /** Rows of files that may be in several partitions, by the field whose bounds limit them. */
  readonly covered = new CoveredRows()
  /** Rows of the same files whose bounds do not cover that field, and rows that might be null in it. */
  openRows = 0
  nullableRows = 0
  /** All rows of those files, of which samples are shares. */
  spannedFileRows = 0
  /** How many of these rows have a counted null, which is in an exact cell. */
  countedNulls = 0
  /** Without those nulls. */
  spannedRows = 0
  unboundedRows = 0
  spannedDeletableRows = 0
  /** How many partitions each of those files may be in at most, added up. */
  maxSpannedPartitions = 0
  rows = 0
  /** By field, whether a row of any file may be null in it. */
  readonly mightHaveNulls: boolean[]
  /** How many of all rows delete files delete at most. */
  deletableRows = 0
  /** The first field with whole numbers in order; -1 if there is none. */
  readonly ordinalIndex: number
  readonly #readSpans: SpanReader

  constructor(fields: readonly LayoutField[], specs: readonly PartitionSpec[]) {
    this.fields = fields
    this.mightHaveNulls = fields.map(() => false)
    this.ordinalIndex = fields.findIndex(isOrdinal)
    this.#readSpans = createSpanReader(fields, specs)
  }

  /** Whether a sample of its rows would say more than its manifest entry. */
  isSpanned(file: DataFile): boolean {
    return file.recordCount > 0 && !isExact(this.#readSpans(file))
  }

  add(file: DataFile, deleted: DeletedRows = NOT_DELETED): void {
    const { recordCount } = file
    if (recordCount === 0) return
    this.rows += recordCount
    this.deletableRows += deleted.most
    const spans = this.#readSpans(file)
    for (const [index, { span, nullCount }] of spans.entries()) {
      if (nullCount !== 0 || (span.kind === 'one' && span.value === null)) this.mightHaveNulls[index] = true
    }
    if (spans.every(isOne)) {
      this.#addExact(spans.map(valueOf), recordCount, deleted)
      return
    }
    const [only] = spans
    if (only && isExact(spans)) {
      const nulls = only.nullCount ?? 0
      this.#addExact([null], nulls, { least: 0, most: Math.min(nulls, deleted.most) })
      this.#addExact([valueOf(only)], recordCount - nulls, {
        least: 0,
        most: Math.min(recordCount - nulls, deleted.most),
      })
      return
    }
    this.spannedFileRows += recordCount
    this.spannedDeletableRows += deleted.most
    this.#addSpanned(spans, recordCount, deleted)
  }

  #addExact(values: readonly (Value | null)[], rows: number, deleted: DeletedRows): void {
    const key = valuesKey(values)
    const cell = this.exact.get(key)
    if (cell) {
      cell.rows += rows
      cell.deleted.least += deleted.least
      cell.deleted.most += deleted.most
    } else this.exact.set(key, { values, rows, deleted: { ...deleted } })
  }

  #addSpanned(spans: readonly FieldSpan[], recordCount: number, deleted: DeletedRows): void {
    const isSingle = spans.length === 1
    const nulls = isSingle ? (spans[0]?.nullCount ?? 0) : 0
    if (nulls > 0) this.#addExact([null], nulls, { least: 0, most: Math.min(nulls, deleted.most) })
    this.countedNulls += nulls
    const rows = recordCount - nulls
    this.spannedRows += rows
    const mightBeNull = (one: FieldSpan) => (isSingle ? one.nullCount === null : one.nullCount !== 0)
    if (spans.some(({ span }) => span.kind === 'any')) this.unboundedRows += rows
    this.maxSpannedPartitions += Math.min(
      rows,
      spans.reduce((count, one, i) => count * (spanSize(one, this.fields[i]) + Number(mightBeNull(one))), 1),
    )
    const limiting = spans[this.ordinalIndex] ?? (isSingle ? spans[0] : undefined)
    if (!limiting) return
    const isNullable = mightBeNull(limiting)
    const { span } = limiting
    const isNull = span.kind === 'one' && span.value === null
    if (isNullable || isNull) this.nullableRows += rows
    if (isNull || this.ordinalIndex < 0) return
    const at = span.kind === 'one' ? toOrdinal(span.value) : null
    const isCertain = !isNullable && rows > deleted.most
    if (span.kind === 'range') this.covered.add(span.from, span.to, rows, isCertain)
    else if (at !== null) this.covered.add(at, at, rows, isCertain)
    else this.openRows += rows
  }
}

const NOT_DELETED: DeletedRows = { least: 0, most: 0 }

/** All rows have one value, and no row may be null unless all are. */
function isOne({ span, nullCount }: FieldSpan): boolean {
  return span.kind === 'one' && (span.value === null || nullCount === 0)
}

/** All rows are in known partitions: in one, or those of a single field that are null in another. */
function isExact(spans: readonly FieldSpan[]): boolean {
  const [only] = spans
  return spans.every(isOne) || (spans.length === 1 && only?.span.kind === 'one' && only.nullCount !== null)
}

function valueOf({ span }: FieldSpan): Value | null {
  return span.kind === 'one' ? span.value : null
}

/** How many values that are not null there may be in a file. */
function spanSize({ span }: FieldSpan, field: LayoutField | undefined): number {
  if (span.kind === 'one') return span.value === null ? 0 : 1
  if (span.kind === 'range') return Number(span.to - span.from) + 1
  if (field?.transform.kind === 'bucket') return field.transform.buckets
  return field?.sourceType === 'boolean' ? 2 : Number.POSITIVE_INFINITY
}

/** Equal for equal values of a partition. */
export function valuesKey(values: readonly (Value | null)[]): string {
  return JSON.stringify(
    values.map((value) => {
      if (value === null) return null
      return value instanceof Uint8Array ? ['bytes', ...value] : Object.is(value, -0) ? '-0' : String(value)
    }),
  )
}
