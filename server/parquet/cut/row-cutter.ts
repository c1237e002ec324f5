import 'server-only'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { withFileName } from '@/lib/parquet/errors'
import { type ParquetFooter, parseCopiedFooter, readFooterBytes, type RowGroup } from '@/lib/parquet/footer'
import type { PageCodecs } from '@/lib/parquet/page-codecs'
import type { ThriftStruct } from '@/lib/parquet/thrift'
import { sum } from '@/lib/sum'
import type { FileContents } from '../transcode/transcoding'
import { ChunkCursor, type PageRows } from './chunk-cursor'
import { createdColumn } from './created-column'
import { type CutChunk, toChunk } from './cut-chunk'
import { readDataPages } from './read-data-pages'

/** Rows from `start` up to `end`, by their index in the file. */
export type RowRange = { start: number; end: number }

/** A row group is in memory while its rows are taken. */
const MAX_GROUP_BYTES = 64 * 1024 * 1024

/** Cuts a Parquet file into files of some of its rows, each with one row group. It reads the file once. */
export class RowCutter {
  readonly #source: ByteSource
  readonly #codecs: PageCodecs
  readonly #footer: ParquetFooter
  readonly #schema: readonly ThriftStruct[]
  #group: OpenedGroup | null = null

  private constructor(source: ByteSource, codecs: PageCodecs, footer: ParquetFooter, schema: readonly ThriftStruct[]) {
    this.#source = source
    this.#codecs = codecs
    this.#footer = footer
    this.#schema = schema
  }

  /** @throws {AppError} file-damaged, not-supported, too-large */
  static async open(source: ByteSource, codecs: PageCodecs): Promise<RowCutter> {
    const bytes = await readFooterBytes(source)
    return await withFileName(source.name, async () => {
      const { footer, schema } = parseCopiedFooter(bytes, source.byteLength)
      await codecs.load?.(new Set(footer.rowGroups.flatMap(({ columns }) => columns.map(({ codec }) => codec))))
      return new RowCutter(source, codecs, footer, schema)
    })
  }

  /** Whether the row groups of these rows fit into memory. */
  canCut({ start, end }: RowRange): boolean {
    return this.#footer.rowGroups
      .filter(({ firstRow, rowCount }) => firstRow < end && firstRow + rowCount > start)
      .every(({ columns }) => sum(columns.map(({ encodedBytes }) => encodedBytes)) <= MAX_GROUP_BYTES)
  }

  /**
   * The contents of a file with these rows.
   *
   * @param range after those of all calls before
   */
  async cut(range: RowRange): Promise<FileContents> {
    return await withFileName(this.#source.name, async () => {
      const { leaves } = this.#footer
      const rows: PageRows[][] = leaves.map(() => [])
      for (let row = range.start; row < range.end; ) {
        const group = await this.#openGroup(row)
        const count = Math.min(range.end, group.endRow) - row
        for (const [leaf, taken] of group.take(row, count).entries()) rows[leaf]?.push(...taken)
        row += count
      }
      return this.#toContents(
        leaves.map((node, leaf) => toChunk(node, rows[leaf] ?? [])),
        range.end - range.start,
      )
    })
  }

  async #openGroup(row: number): Promise<OpenedGroup> {
    if (this.#group !== null && row < this.#group.endRow) return this.#group
    // The memory of the group before is free while the next one is read.
    this.#group = null
    const group = this.#footer.rowGroups.find(({ firstRow, rowCount }) => row >= firstRow && row < firstRow + rowCount)
    if (!group) throw new RangeError(`the file has no row ${row}`)
    const cursors: ChunkCursor[] = []
    for (const chunk of group.columns) {
      const node = this.#footer.leaves[chunk.leaf]
      if (!node) throw new RangeError(`the schema has no column ${chunk.leaf}`)
      cursors.push(new ChunkCursor(node, await readDataPages(this.#source, node, chunk, this.#codecs)))
    }
    this.#group = new OpenedGroup(group, cursors)
    return this.#group
  }

  #toContents(chunks: readonly CutChunk[], rowCount: number): FileContents {
    const columns = chunks.map((chunk, leaf) => ({ chunk, column: createdColumn(leaf, chunk) }))
    return {
      source: this.#source,
      footer: {
        ...this.#footer,
        rowCount,
        rowGroups: [{ rowCount, firstRow: 0, columns: columns.map(({ column }) => column) }],
      },
      schema: this.#schema,
      sortingColumns: [],
      chunks: new Map(columns.map(({ chunk, column }) => [column, async () => chunk])),
    }
  }
}

/** A row group whose rows are taken in their order. */
class OpenedGroup {
  readonly endRow: number
  readonly #cursors: readonly ChunkCursor[]
  #row: number

  constructor({ firstRow, rowCount }: RowGroup, cursors: readonly ChunkCursor[]) {
    this.#cursors = cursors
    this.#row = firstRow
    this.endRow = firstRow + rowCount
  }

  /** By column. Rows before `row` that were not taken are skipped. */
  take(row: number, count: number): PageRows[][] {
    if (row < this.#row) throw new RangeError(`row ${row} was passed`)
    for (const cursor of this.#cursors) cursor.take(row - this.#row)
    this.#row = row + count
    return this.#cursors.map((cursor) => cursor.take(count))
  }
}
