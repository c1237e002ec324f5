import 'server-only'
import { AppError } from '@/lib/errors'
import { BoundsTally } from '@/lib/layout/bounds-overlap'
import type { Cell } from '@/lib/layout/layout-estimate'
import { drawRows } from '@/lib/layout/draw-rows'
import { within } from '@/lib/layout/layout-estimate'
import type { LayoutField } from '@/lib/layout/layout-field'
import { type DeletedRows, LayoutTally } from '@/lib/layout/layout-tally'
import type { DataFile, ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import { partitionKey } from '@/lib/iceberg/manifest/partition-key'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import type { DeleteIndex } from '@/lib/scan/deletes/delete-index'
import type { ManifestLayout } from '@/lib/scan/plan/manifest-layout'
import { createTaskBuilder } from '@/lib/scan/plan/scan-task'
import type { SampledFile } from './read-layout-sample'

/** A partition of today: its label is made when it is shown. */
type TodayCell = { file: ManifestEntry; rows: number; deleted: DeletedRows }

export type SpecTally = { dataFileCount: number; rowCount: number; dataBytes: number }

/**
 * In a table with few files, single rows anywhere are sampled, because they are the most representative; if it has
 * fewer rows than the sample, each is read once. In a table with many files, blocks of rows in some of them are
 * sampled.
 */
const MAX_SCATTERED_FILES = 64
const SCATTERED_DRAWS = 20_000
const BLOCK_DRAWS = 256
const BLOCK_ROWS = 64

/** Rows of the table, ascending, and how many rows are read at each. */
type Draws = { rows: Float64Array; blockRows: number }

export function drawsOf(
  { fileCount, rowCount }: Pick<ManifestLayout, 'fileCount' | 'rowCount'>,
  seedText: string,
): Draws {
  if (fileCount > MAX_SCATTERED_FILES) return { rows: drawRows(seedText, rowCount, BLOCK_DRAWS), blockRows: BLOCK_ROWS }
  const rows =
    rowCount <= SCATTERED_DRAWS
      ? Float64Array.from({ length: rowCount }, (_, row) => row)
      : drawRows(seedText, rowCount, SCATTERED_DRAWS)
  return { rows, blockRows: 1 }
}

/** Everything that is added up over the files of a snapshot, in one pass. */
export class LayoutTallies {
  readonly candidates: readonly LayoutTally[]
  readonly sorted: readonly BoundsTally[]
  readonly today = new Map<string, TodayCell>()
  readonly specs = new Map<number, SpecTally>()
  readonly sampledFiles: SampledFile[] = []
  readonly #draws: Float64Array
  readonly #blockRows: number
  readonly #toTask: ReturnType<typeof createTaskBuilder>
  #nextDraw = 0
  #rows = 0
  #files = 0

  constructor(
    metadata: TableMetadata,
    candidates: readonly (readonly LayoutField[])[],
    sortColumns: readonly { fieldId: number; type: PrimitiveType }[],
    { rows, blockRows }: Draws,
  ) {
    this.candidates = candidates.map((fields) => new LayoutTally(fields, metadata.partitionSpecs))
    this.sorted = sortColumns.map(({ fieldId, type }) => new BoundsTally(fieldId, type))
    this.#draws = rows
    this.#blockRows = blockRows
    this.#toTask = createTaskBuilder(metadata)
  }

  /** @param entry of a live data file, in the order of the scan */
  add(entry: ManifestEntry, deletes: DeleteIndex | null): void {
    const { dataFile } = entry
    const deleted = deletes === null ? NOT_DELETED : deletedRows(entry, deletes)
    for (const tally of this.candidates) tally.add(dataFile, deleted)
    for (const tally of this.sorted) tally.add(dataFile)
    this.#addToday(entry, deleted)
    this.#addToSpec(dataFile)
    this.#takeDraws(entry, deleted.most > 0)
    this.#rows += dataFile.recordCount
    this.#files += 1
  }

  get rowCount(): number {
    return this.#rows
  }

  #addToday(entry: ManifestEntry, deleted: DeletedRows): void {
    const { recordCount } = entry.dataFile
    if (recordCount === 0) return
    const key = partitionKey(entry.dataFile)
    const cell = this.today.get(key)
    if (!cell) {
      this.today.set(key, { file: entry, rows: recordCount, deleted: { ...deleted } })
      return
    }
    cell.rows += recordCount
    cell.deleted.least += deleted.least
    cell.deleted.most += deleted.most
  }

  #addToSpec({ specId, recordCount, fileSizeBytes }: DataFile): void {
    const spec = this.specs.get(specId) ?? { dataFileCount: 0, rowCount: 0, dataBytes: 0 }
    this.specs.set(specId, spec)
    spec.dataFileCount += 1
    spec.rowCount += recordCount
    spec.dataBytes += fileSizeBytes
  }

  #takeDraws(entry: ManifestEntry, isDeletable: boolean): void {
    const { dataFile } = entry
    const end = this.#rows + dataFile.recordCount
    const blocks: { firstRow: number; rowCount: number }[] = []
    while (this.#nextDraw < this.#draws.length && (this.#draws[this.#nextDraw] ?? 0) < end) {
      const row = (this.#draws[this.#nextDraw] ?? 0) - this.#rows
      const firstRow = row - (row % this.#blockRows)
      blocks.push({ firstRow, rowCount: Math.min(this.#blockRows, dataFile.recordCount - firstRow) })
      this.#nextDraw += 1
    }
    if (blocks.length === 0) return
    const isSpannedBy = this.candidates.map((tally) => tally.isSpanned(dataFile))
    if (!isSpannedBy.includes(true)) return
    const task = this.#toTask({ entry, fileIndex: this.#files, firstRowIndex: this.#rows }, null)
    this.sampledFiles.push({ task, blocks, isDeletable, isSpannedBy })
  }
}

export function todayCells({ today }: LayoutTallies): (Cell & { file: ManifestEntry })[] {
  return Array.from(today.values(), ({ file, rows, deleted: { least, most } }) => {
    const low = Math.max(0, rows - most)
    const estimate = within(low, Math.round(rows - (least + most) / 2), rows - least)
    return { file, values: [], isCertain: low > 0, rows: estimate }
  })
}

const NOT_DELETED: DeletedRows = { least: 0, most: 0 }

function deletedRows(entry: ManifestEntry, deletes: DeleteIndex): DeletedRows {
  const { recordCount } = entry.dataFile
  const { deletionVector, positionDeletes, equalityDeletes } = deletes.find(entry)
  const vectorRows = Math.min(recordCount, deletionVector?.dataFile.recordCount ?? 0)
  if (equalityDeletes.length > 0) return { least: vectorRows, most: recordCount }
  const named = positionDeletes.reduce((sum, { dataFile }) => sum + dataFile.recordCount, vectorRows)
  return { least: vectorRows, most: Math.min(recordCount, named) }
}

/** More would take too much memory. */
const MAX_FILES = 1_000_000

/** @throws {AppError} too-large */
export function requireFewFiles({ fileCount }: Pick<ManifestLayout, 'fileCount'>): void {
  if (fileCount <= MAX_FILES) return
  throw new AppError(
    'too-large',
    `The table has ${fileCount} data files, and layouts are simulated for at most ${MAX_FILES}. Compact the table first.`,
    { facts: { files: fileCount, maxFiles: MAX_FILES } },
  )
}
