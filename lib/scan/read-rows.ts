import { AppError } from '@/lib/errors'
import type { NameMapping } from '@/lib/iceberg/name-mapping'
import type { NestedField, Value } from '@/lib/iceberg/types'
import { inParallel } from '@/lib/in-parallel'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { DamagedParquet, namingFile, OversizedParquet, UnsupportedParquet } from '@/lib/parquet/damaged'
import { DECODE_LIMITS, type DecodeLimits, toMebibytes } from '@/lib/parquet/decode-limits'
import { type ParquetFooter, readFooter } from '@/lib/parquet/footer'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import type { Allow } from '@/lib/parquet/values'
import { ChunkPages } from './chunk-pages'
import { type ColumnPlan, type MissingColumn, planColumn, type RowValue, type Weigh } from './column-reader'
import { CountedSource, type ReadTally } from './counted-source'
import { LeafCursor } from './leaf-pages'
import { nameMappedIds } from './name-mapping'
import { clearRecent, RecentlyUsed } from './recently-used'

/**
 * Rows of an ordered scan, read from the Parquet files that hold them. Bytes are handed in, so that the browser, the
 * server and tests read the same way.
 *
 * Only the footers, and of the row groups that hold the rows only the columns asked for (by pages where the file has
 * an offset index), are read; only the pages that hold the rows are decoded.
 */
export type ScanFile = {
  path: string
  fileSizeBytes: number
  recordCount: number
  /** Of the scan: the sum of `recordCount` of the files before. */
  firstRowIndex: number
  sequenceNumber: number
  /** Values of identity partition fields by source field id; they stand in for columns the file leaves out. */
  constants: ReadonlyMap<number, Value | null>
}

export type RowsAsked = {
  /** Within the scan; `lastRow` is exclusive. */
  firstRow: number
  lastRow: number
  /** Top-level columns. */
  fieldIds: readonly number[]
  signal?: AbortSignal
}

export type RowBatch = {
  firstRow: number
  lastRow: number
  /** By field id, a value per row. */
  columns: ReadonlyMap<number, readonly (RowValue | null)[]>
}

export type ReadCost = ReadTally & {
  /** Files of which anything was read. */
  filesRead: number
  /** Of those, files that are not as long as their manifests say; they are read as they are. */
  sizeMismatches: readonly SizeMismatch[]
}

export type SizeMismatch = { path: string; toldBytes: number; actualBytes: number }

export type RowReader = {
  readonly rowCount: number
  /**
   * One batch at a time: a second call waits for the first.
   *
   * @throws {AppError} file-damaged, file-missing, not-supported, too-large with the file's name; cancelled
   */
  rows(asked: RowsAsked): Promise<RowBatch>
  /** The file that holds a row of the scan, and the row's position in it. */
  fileOf(row: number): { file: ScanFile; position: number } | null
  /** Since the reader was made. */
  cost(): ReadCost
}

export type ReadLimits = DecodeLimits & {
  rows: number
  /** Decoded pages kept for the next call. */
  cacheBytes: number
}

const LIMITS: ReadLimits = {
  ...DECODE_LIMITS,
  rows: 10_000,
  cacheBytes: 128 * 1024 * 1024,
}
const KEPT_FOOTERS = 256
const PARALLEL_FILES = 4

export function createRowReader({
  fields,
  files,
  open,
  nameMapping = null,
  limits = {},
}: {
  /** Of the snapshot's schema. */
  fields: readonly NestedField[]
  /** In the order of the scan. */
  files: readonly ScanFile[]
  open: (file: ScanFile) => ByteSource
  /** For files written without field ids. */
  nameMapping?: NameMapping | null
  limits?: Partial<ReadLimits>
}): RowReader {
  return new ScanReader(fields, files, open, nameMapping, { ...LIMITS, ...limits })
}

type OpenFile = {
  source: CountedSource
  footer: ParquetFooter
  fieldIdOf: (node: SchemaNode) => number | null
}

class ScanReader implements RowReader {
  readonly rowCount: number
  private readonly fields: ReadonlyMap<number, NestedField>
  private readonly files: readonly ScanFile[]
  private readonly open: (file: ScanFile) => ByteSource
  private readonly nameMapping: NameMapping | null
  private readonly limits: ReadLimits
  private readonly tally: ReadTally = { bytesRead: 0, requests: 0 }
  private readonly touched = new Set<ScanFile>()
  private readonly mismatches = new Map<ScanFile, SizeMismatch>()
  private readonly openFiles = new RecentlyUsed<ScanFile, OpenFile>()
  private readonly chunks = new RecentlyUsed<string, ChunkPages>()
  private before: Promise<unknown> = Promise.resolve()

  constructor(
    fields: readonly NestedField[],
    files: readonly ScanFile[],
    open: (file: ScanFile) => ByteSource,
    nameMapping: NameMapping | null,
    limits: ReadLimits,
  ) {
    this.fields = new Map(fields.map((field) => [field.id, field]))
    this.files = files
    this.open = open
    this.nameMapping = nameMapping
    this.limits = limits
    this.rowCount = files.reduce((sum, file) => sum + file.recordCount, 0)
  }

  cost(): ReadCost {
    return { ...this.tally, filesRead: this.touched.size, sizeMismatches: [...this.mismatches.values()] }
  }

  fileOf(row: number): { file: ScanFile; position: number } | null {
    let low = 0
    let high = this.files.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const file = this.files[middle]
      if (!file) return null
      if (row < file.firstRowIndex) high = middle - 1
      else if (row >= file.firstRowIndex + file.recordCount) low = middle + 1
      else return { file, position: row - file.firstRowIndex }
    }
    return null
  }

  rows(asked: RowsAsked): Promise<RowBatch> {
    const mine = this.before.then(() => this.readNow(asked))
    this.before = mine.catch(() => undefined)
    return mine
  }

  private async readNow(asked: RowsAsked): Promise<RowBatch> {
    const firstRow = Math.max(0, asked.firstRow)
    const lastRow = Math.max(firstRow, Math.min(asked.lastRow, this.rowCount))
    if (lastRow - firstRow > this.limits.rows) {
      throw new AppError('too-large', `${lastRow - firstRow} rows are asked for at once; at most ${this.limits.rows}`)
    }
    const allow = budget(this.limits.decodedBytes, (limit) => `these rows take more than ${limit} of memory`)
    // A page of a few kilobytes may hold a row of gigabytes: what leaves here is bounded too, before it is made.
    const weigh = budget(
      this.limits.valueBytes,
      (limit) => `the values of these rows are longer than ${limit} together`,
    )
    const columns = new Map(asked.fieldIds.map((id) => [id, new Array<RowValue | null>(lastRow - firstRow).fill(null)]))
    const touched = this.files.filter(
      (file) => file.firstRowIndex < lastRow && file.firstRowIndex + file.recordCount > firstRow,
    )
    await inParallel(touched, PARALLEL_FILES, (file) =>
      namingFile(file.path, async () => {
        const from = Math.max(firstRow, file.firstRowIndex) - file.firstRowIndex
        const to = Math.min(lastRow, file.firstRowIndex + file.recordCount) - file.firstRowIndex
        const target = { columns, at: file.firstRowIndex + from - firstRow }
        await this.readFile(file, { from, to, fieldIds: asked.fieldIds, target, allow, weigh, signal: asked.signal })
      }),
    )
    clearRecent(this.chunks, this.limits.cacheBytes, (chunk) => chunk.heldBytes())
    return { firstRow, lastRow, columns }
  }

  private async readFile(file: ScanFile, asked: FileRowsAsked): Promise<void> {
    const opened = await this.openFile(file, asked.signal)
    for (const [index, group] of opened.footer.rowGroups.entries()) {
      const from = Math.max(asked.from, group.firstRow)
      const to = Math.min(asked.to, group.firstRow + group.rowCount)
      if (from >= to) continue
      const rows = { from: from - group.firstRow, to: to - group.firstRow }
      const at = asked.target.at + from - asked.from
      await this.readGroup(file, opened, index, { ...asked, ...rows, target: { ...asked.target, at } })
    }
  }

  private async readGroup(file: ScanFile, opened: OpenFile, index: number, asked: FileRowsAsked): Promise<void> {
    const group = opened.footer.rowGroups[index]
    if (!group) return
    const plans = asked.fieldIds.map((id) => ({ id, plan: this.planOf(id, file, opened) }))
    const wanted = new Map<number, ChunkPages>()
    for (const { plan } of plans) {
      if (!('leaves' in plan)) continue
      for (const node of plan.leaves) {
        const leaf = node.leaf?.index ?? 0
        const chunk = group.columns[leaf]
        if (!chunk) throw new DamagedParquet('a row group lacks a column')
        const key = `${file.path}\n${index}\n${leaf}`
        wanted.set(leaf, this.chunks.get(key) ?? this.chunks.set(key, new ChunkPages(node, chunk, group)))
      }
    }
    const chunks = [...wanted.values()]
    // First the offset indexes where there are any, then pages.
    for (let round = 0; round < 3; round++) {
      const missing = chunks.map((chunk) => chunk.missing(asked.from, asked.to))
      const spans = missing.flat()
      if (spans.length === 0) break
      asked.allow(spans.reduce((sum, span) => sum + span.end - span.start, 0))
      const bytes = await opened.source.readSpans(spans, asked.signal)
      let next = 0
      chunks.forEach((chunk, i) => {
        const count = missing[i]?.length ?? 0
        chunk.accept(asked.from, asked.to, bytes.slice(next, next + count), asked.allow)
        next += count
      })
    }
    for (const { id, plan } of plans) {
      const column = asked.target.columns.get(id)
      if (!column) continue
      if (!('leaves' in plan)) column.fill(plan.constant, asked.target.at, asked.target.at + asked.to - asked.from)
      else inColumn(this.fields.get(id)?.name, () => fillColumn(column, plan, wanted, asked))
    }
  }

  private planOf(id: number, file: ScanFile, { footer, fieldIdOf }: OpenFile): ColumnPlan | MissingColumn {
    const field = this.fields.get(id)
    if (!field) throw new AppError('invalid-request', `The snapshot's schema has no column with the id ${id}`)
    return planColumn(field, footer.schema, fieldIdOf, file.constants)
  }

  private async openFile(file: ScanFile, signal?: AbortSignal): Promise<OpenFile> {
    const known = this.openFiles.get(file)
    if (known) return known
    const source = new CountedSource(this.open(file), this.tally)
    this.touched.add(file)
    const footer = await readFooter(source, { tailBytes: tailBytesOf(file.fileSizeBytes), ...(signal && { signal }) })
    if (source.byteLength !== file.fileSizeBytes) {
      const { path, fileSizeBytes: toldBytes } = file
      this.mismatches.set(file, { path, toldBytes, actualBytes: source.byteLength })
    }
    if (footer.rowCount !== file.recordCount) {
      throw new DamagedParquet(`it holds ${footer.rowCount} rows, the table's manifest says ${file.recordCount}`)
    }
    const opened = { source, footer, fieldIdOf: fieldIdsOf(footer, this.nameMapping) }
    this.openFiles.set(file, opened)
    clearRecent(this.openFiles, KEPT_FOOTERS, () => 1)
    return opened
  }
}

type FileRowsAsked = {
  /** Within the file, then within the row group; `to` is exclusive. */
  from: number
  to: number
  fieldIds: readonly number[]
  target: { columns: ReadonlyMap<number, (RowValue | null)[]>; at: number }
  allow: Allow
  weigh: Weigh
  signal: AbortSignal | undefined
}

function fillColumn(
  column: (RowValue | null)[],
  plan: ColumnPlan,
  chunks: ReadonlyMap<number, ChunkPages>,
  { from, to, target, allow, weigh }: FileRowsAsked,
): void {
  const cursors = new Map<number, LeafCursor>()
  for (const node of plan.leaves) {
    const leaf = node.leaf?.index ?? 0
    const pages = chunks.get(leaf)?.pages(from, to, allow) ?? []
    cursors.set(leaf, new LeafCursor(node, pages))
  }
  const read = plan.build(cursors, weigh)
  for (let row = from; row < to; row++) {
    for (const cursor of cursors.values()) cursor.seek(row)
    column[target.at + row - from] = read()
  }
}

/** Says in which column it became too much. */
function inColumn(name: string | undefined, work: () => void): void {
  try {
    work()
  } catch (error) {
    if (error instanceof OversizedParquet) throw new OversizedParquet(`column ${name}: ${error.message}`)
    throw error
  }
}

const SMALL_FILE_BYTES = 64 * 1024

/** A footer is small beside its file: the guess keeps what is read in proportion. */
function tailBytesOf(fileSizeBytes: number): number {
  if (fileSizeBytes <= SMALL_FILE_BYTES) return fileSizeBytes
  return Math.min(SMALL_FILE_BYTES, Math.max(8 * 1024, Math.round(fileSizeBytes / 64)))
}

/**
 * Field ids of a file's columns: its own, else by the table's name mapping.
 *
 * @throws {UnsupportedParquet} when it has neither, because columns are never matched by name alone
 */
function fieldIdsOf(footer: ParquetFooter, nameMapping: NameMapping | null): (node: SchemaNode) => number | null {
  const hasIds = (node: SchemaNode): boolean => node.fieldId !== null || node.children.some(hasIds)
  if (footer.schema.children.some(hasIds)) return (node) => node.fieldId
  if (!nameMapping) throw new UnsupportedParquet('its columns have no field ids, and the table has no name mapping')
  const ids = nameMappedIds(footer.schema, nameMapping)
  return (node) => ids.get(node) ?? null
}

/** Counts down; the file may claim anything. */
function budget(limitBytes: number, what: (limit: string) => string): (bytes: number) => void {
  let left = limitBytes
  return (bytes) => {
    left -= bytes
    if (left < 0) throw new OversizedParquet(what(toMebibytes(limitBytes)))
  }
}
