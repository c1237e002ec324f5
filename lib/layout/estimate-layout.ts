import { compareValues } from '../iceberg/schema/single-value'
import type { Value } from '../iceberg/schema/types'
import type { SealedCover } from './covered-rows'
import { fromOrdinal, toOrdinal } from './file-span'
import { type Cell, largestCells, type LayoutEstimate, summarizeCells, type Unlisted, within } from './layout-estimate'
import type { LayoutField } from './layout-field'
import type { SampledCells } from './layout-sample'
import { type LayoutTally, valuesKey } from './layout-tally'
import { type SeenShare, shareError } from './share-interval'

/** Values between bounds are partitions of their own in the estimate, unless there are more. */
const MAX_POSSIBLE = 2_000
const UNSEEN: SeenShare = { sum: 0, sumOfSquares: 0 }
const STEP = 512

/**
 * The partitions that a tally of all files leads to. What manifests prove holds for certain. A sample narrows it down:
 * then all intervals of the layout hold together with a chance of 99 %.
 *
 * @param sample of the files that the layout spreads over several partitions; null: there is none. When it has each of
 *   their rows once, it leaves nothing open but what delete files delete
 */
export function* estimateLayout(
  tally: LayoutTally,
  sample: SampledCells | null,
  rowsPerFile: number,
): Generator<void, LayoutEstimate, void> {
  const { fields, exact, spannedRows } = tally
  const cover = yield* tally.covered.seal()
  const judge = judgeOf(tally, cover, sample)
  const cells: Cell[] = []
  for (const [key, { values }] of exact) {
    cells.push(judge(key, values))
    if (cells.length % STEP === 0) yield
  }
  for (const [key, { values }] of sample?.cells ?? []) {
    if (!exact.has(key)) cells.push(judge(key, values))
    if (cells.length % STEP === 0) yield
  }
  const possible = yield* countPossible(tally, cover)
  const isComplete = sample !== null && hasEveryRow(tally, sample)
  if (fields.length === 1 && spannedRows > 0 && possible <= MAX_POSSIBLE && !isComplete) {
    const known = new Set(cells.map(({ values }) => valuesKey(values)))
    for (const values of possibleValues(tally, cover)) {
      const key = valuesKey(values)
      if (known.has(key)) continue
      cells.push(judge(key, values))
      if (cells.length % STEP === 0) yield
    }
  }
  const unlisted = yield* judgeUnlisted(tally, cover, sample, { cells, possible })
  const summary = yield* summarizeCells(cells, unlisted, {
    rows: tally.rows,
    deletableRows: tally.deletableRows,
    rowsPerFile,
  })
  return {
    ...summary,
    listed: yield* listCells(fields, cells),
    exactRows: tally.rows - spannedRows,
    spannedRows,
    unboundedRows: tally.unboundedRows,
    isEveryRowRead: isComplete,
  }
}

/** The known figures of one partition. */
function judgeOf(
  tally: LayoutTally,
  cover: SealedCover,
  sample: SampledCells | null,
): (key: string, values: readonly (Value | null)[]) => Cell {
  const shareCount = (sample?.cells.size ?? 0) + 1
  return (key, values) => {
    const known = tally.exact.get(key)
    const rows = known?.rows ?? 0
    const { least = 0, most = 0 } = known?.deleted ?? {}
    const certainLow = Math.max(0, rows - most)
    const certainHigh = rows - least + mostSpannedRows(tally, cover, values)
    if (tally.spannedRows === 0) {
      const middle = Math.round(rows - (least + most) / 2)
      return { values, isCertain: certainLow > 0, rows: within(certainLow, middle, certainHigh) }
    }
    // The sample has nulls, too, that are counted already.
    const isNull = tally.fields.length === 1 && values[0] === null
    const counted = isNull ? tally.countedNulls : 0
    const isCounted = isNull && tally.nullableRows === 0
    const seen = isCounted ? undefined : sample?.cells.get(key)
    const certainRows = Math.max(certainLow, certainLow + (seen?.certainRows ?? 0) - counted)
    const isCertain = certainRows > 0
    if (sample === null || sample.blockCount === 0) {
      return { values, isCertain, rows: within(certainRows, isCounted ? rows : null, certainHigh) }
    }
    if (isCounted) return { values, isCertain, rows: within(certainLow, rows, certainHigh) }
    const share = (seen?.sum ?? 0) / sample.blockCount
    const isComplete = hasEveryRow(tally, sample)
    const error = isComplete ? 0 : shareError(seen ?? UNSEEN, sample.blockCount, shareCount)
    const rest = rows - counted
    const total = tally.spannedFileRows
    // A share of all rows is a number of rows, whatever the division leaves of it.
    const rowsOf = (part: number) => (isComplete ? Math.round(total * part) : total * part)
    const likelyLow = Math.floor(rest + rowsOf(Math.max(0, share - error))) - most - tally.spannedDeletableRows
    const likelyHigh = Math.ceil(rest + rowsOf(Math.min(1, share + error)))
    const low = Math.max(certainRows, likelyLow)
    const high = Math.max(low, Math.min(certainHigh, likelyHigh))
    return { values, isCertain, rows: within(low, Math.round(rest + total * share), high) }
  }
}

/** Rows of files with several partitions that might be in this one. */
function mostSpannedRows(tally: LayoutTally, cover: SealedCover, values: readonly (Value | null)[]): number {
  const { fields, ordinalIndex, spannedRows, nullableRows, openRows } = tally
  if (ordinalIndex < 0) return fields.length === 1 && values[0] === null ? nullableRows : spannedRows
  const value = values[ordinalIndex] ?? null
  if (value === null) return nullableRows
  const at = toOrdinal(value)
  return at === null ? spannedRows : Math.min(spannedRows, cover.rowsAt(at) + openRows)
}

/** How many partitions there are at most. */
function* countPossible(tally: LayoutTally, cover: SealedCover): Generator<void, number, void> {
  const { fields, exact, spannedRows, maxSpannedPartitions, ordinalIndex } = tally
  if (spannedRows === 0) return exact.size
  const byFile = exact.size + maxSpannedPartitions
  const covered = ordinalIndex < 0 || tally.openRows > 0 ? null : yield* countCovered(tally, cover)
  const limits = fields.map((field, i) => {
    const nulls = Number(tally.mightHaveNulls[i] === true)
    if (field.transform.kind === 'bucket') return field.transform.buckets + nulls
    if (i === ordinalIndex && covered !== null) return covered
    return field.sourceType === 'boolean' ? 2 + nulls : Number.POSITIVE_INFINITY
  })
  return Math.min(
    byFile,
    limits.reduce((product, limit) => product * limit, 1),
  )
}

function* countCovered(
  { exact, nullableRows, ordinalIndex }: LayoutTally,
  cover: SealedCover,
): Generator<void, number, void> {
  let count = 0
  for (const { from, to } of cover.segments()) {
    count += Number(to - from) + 1
    yield
  }
  const outside = new Set<bigint>()
  let [hasNull, index] = [nullableRows > 0, 0]
  for (const { values } of exact.values()) {
    const at = toOrdinal(values[ordinalIndex] ?? null)
    if (at === null) hasNull = true
    else if (cover.rowsAt(at) === 0) outside.add(at)
    index += 1
    if (index % STEP === 0) yield
  }
  return count + outside.size + Number(hasNull)
}

/** The values of a layout of one field that bounds, or the transform, permit. */
function* possibleValues({ fields, ordinalIndex, nullableRows, mightHaveNulls }: LayoutTally, cover: SealedCover) {
  const [field] = fields
  if (!field) return
  if (ordinalIndex === 0) {
    for (const { from, to } of cover.segments())
      for (let at = from; at <= to; at += 1n) yield [fromOrdinal(field.resultType, at)]
    if (nullableRows > 0) yield [null]
  } else if (field.transform.kind === 'bucket') {
    for (let bucket = 0; bucket < field.transform.buckets; bucket += 1) yield [bucket]
    if (mightHaveNulls[0] === true) yield [null]
  }
}

function* judgeUnlisted(
  tally: LayoutTally,
  cover: SealedCover,
  sample: SampledCells | null,
  { cells, possible }: { cells: readonly Cell[]; possible: number },
): Generator<void, Unlisted, void> {
  const { fields, exact, spannedRows, spannedFileRows } = tally
  const certain = cells.filter(({ isCertain }) => isCertain)
  // A remaining row is in some partition, even when no partition is certain.
  const leastOthers = certain.length === 0 && tally.rows > tally.deletableRows ? 1 : 0
  if (spannedRows === 0) return { maxCount: 0, estimatedCount: 0, minCount: leastOthers, maxRows: 0 }
  const maxCount = Math.max(0, possible - cells.length)
  const stabbed = fields.length === 1 && tally.ordinalIndex === 0 ? yield* cover.countOthers(ordinalsOf(certain)) : 0
  const minCount = Math.max(leastOthers, stabbed)
  if (sample === null || sample.blockCount === 0)
    return { maxCount, estimatedCount: null, minCount, maxRows: spannedRows }
  if (hasEveryRow(tally, sample)) return { maxCount: 0, estimatedCount: 0, minCount: leastOthers, maxRows: 0 }
  const error = shareError(UNSEEN, sample.blockCount, sample.cells.size + 1)
  return {
    maxCount,
    estimatedCount: Math.min(maxCount, Math.round(countUnseen(sample, exact))),
    minCount,
    maxRows: Math.min(spannedRows, Math.ceil(spannedFileRows * error)),
  }
}

function hasEveryRow({ spannedFileRows }: LayoutTally, { blockCount, rowCount }: SampledCells): boolean {
  return blockCount === rowCount && rowCount === spannedFileRows
}

function ordinalsOf(cells: readonly Cell[]): BigInt64Array {
  return BigInt64Array.from(cells.flatMap(({ values }) => toOrdinal(values[0] ?? null) ?? [])).sort()
}

/** Chao's estimator of unseen species by blocks (Chao2, bias-corrected): few that were seen once mean few unseen. */
function countUnseen({ cells, blockCount }: SampledCells, exact: ReadonlyMap<string, unknown>): number {
  let [once, twice] = [0, 0]
  for (const [key, { hitCount }] of cells) {
    if (exact.has(key)) continue
    if (hitCount === 1) once += 1
    if (hitCount === 2) twice += 1
  }
  return (((blockCount - 1) / blockCount) * once * (once - 1)) / (2 * (twice + 1))
}

function* listCells(
  fields: readonly LayoutField[],
  cells: readonly Cell[],
): Generator<void, LayoutEstimate['listed'], void> {
  const listed = yield* largestCells(cells)
  return listed.toSorted((a, b) => compareCells(fields, a, b)).map(({ values, rows }) => ({ values, rows }))
}

/** Nulls first. */
function compareCells(fields: readonly LayoutField[], a: Cell, b: Cell): number {
  for (const [i, { resultType }] of fields.entries()) {
    const [one, other] = [a.values[i] ?? null, b.values[i] ?? null]
    const order =
      one === null || other === null
        ? Number(other === null) - Number(one === null)
        : compareValues(resultType, one, other)
    if (order !== 0) return order
  }
  return 0
}
