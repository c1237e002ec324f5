import 'server-only'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { withFileName } from '@/lib/parquet/errors'
import { parseCopiedFooter, type ParquetFooter, readFooterBytes, type RowGroup } from '@/lib/parquet/footer'
import type { PageCodecs } from '@/lib/parquet/page-codecs'
import { sum } from '@/lib/sum'
import type { DecodedChunk } from '../transcode/transcode-chunk'
import type { FileContents } from '../transcode/transcoding'
import type { PageRows } from './chunk-cursor'
import { createdColumn } from './created-column'
import { toChunk } from './cut-chunk'
import { readDataPages } from './read-data-pages'

/** A small file. It is opened twice, and its row groups are in memory while they are joined. */
export type JoinedFile = { open: () => Promise<ByteSource> }

/** How long a row group becomes, unless one of a file is longer. */
export type GroupLimits = { maxGroupRows: number; maxGroupBytes: number }

/**
 * The contents of one file with the rows of several, which have one schema, in their order. Short row groups become one.
 * Memory is bounded by one column of a row group, and the files that it is put together from.
 *
 * @param files at least one
 * @throws {AppError} file-damaged, not-supported, too-large
 */
export async function joinFiles(
  files: readonly JoinedFile[],
  { maxGroupRows, maxGroupBytes }: GroupLimits,
  codecs: PageCodecs,
): Promise<FileContents> {
  const groups: JoinedGroup[] = []
  let first: Pick<FileContents, 'source' | 'footer' | 'schema'> | null = null
  for (const file of files) {
    const { source, footer, schema } = await openFooter(file, codecs)
    first ??= { source, footer, schema }
    requireSameColumns(first.footer, footer)
    for (const [index, group] of footer.rowGroups.entries()) {
      const last = groups.at(-1)
      const hasRoom =
        last !== undefined &&
        last.rowCount + group.rowCount <= maxGroupRows &&
        last.encodedBytes + encodedBytesOf(group) <= maxGroupBytes
      const joined = hasRoom ? last : new JoinedGroup(footer, codecs)
      if (!hasRoom) groups.push(joined)
      joined.add(file, index, group)
    }
  }
  if (first === null) throw new RangeError('no file is joined')
  return toContents(first, groups)
}

function toContents(
  { source, footer, schema }: Pick<FileContents, 'source' | 'footer' | 'schema'>,
  groups: readonly JoinedGroup[],
): FileContents {
  const chunks: [ReturnType<typeof createdColumn>, () => Promise<DecodedChunk>][] = []
  let rowCount = 0
  const rowGroups = groups.map((group) => {
    const columns = footer.leaves.map((_node, leaf) => {
      const column = createdColumn(leaf, group.sizeOf(leaf))
      chunks.push([column, () => group.decode(leaf)])
      return column
    })
    const firstRow = rowCount
    rowCount += group.rowCount
    return { rowCount: group.rowCount, firstRow, columns }
  })
  return { source, footer: { ...footer, rowCount, rowGroups }, schema, sortingColumns: [], chunks: new Map(chunks) }
}

/** Row groups that become one. */
class JoinedGroup {
  readonly #leaves: ParquetFooter['leaves']
  readonly #codecs: PageCodecs
  readonly #parts: { file: JoinedFile; index: number }[] = []
  readonly #sizes: { valueCount: number; encodedBytes: number }[]
  #opened: Promise<{ source: ByteSource; group: RowGroup }[]> | null = null
  rowCount = 0
  encodedBytes = 0

  constructor({ leaves }: ParquetFooter, codecs: PageCodecs) {
    this.#leaves = leaves
    this.#codecs = codecs
    this.#sizes = leaves.map(() => ({ valueCount: 0, encodedBytes: 0 }))
  }

  add(file: JoinedFile, index: number, group: RowGroup): void {
    this.#parts.push({ file, index })
    this.rowCount += group.rowCount
    this.encodedBytes += encodedBytesOf(group)
    for (const { leaf, valueCount, encodedBytes } of group.columns) {
      const size = this.sizeOf(leaf)
      size.valueCount += valueCount
      size.encodedBytes += encodedBytes
    }
  }

  sizeOf(leaf: number): { valueCount: number; encodedBytes: number } {
    const size = this.#sizes[leaf]
    if (!size) throw new RangeError(`the schema has no column ${leaf}`)
    return size
  }

  /** Called for one column after the other; the files are in memory from the first to the last one. */
  async decode(leaf: number): Promise<DecodedChunk> {
    const node = this.#leaves[leaf]
    if (!node) throw new RangeError(`the schema has no column ${leaf}`)
    this.#opened ??= this.#open()
    const rows: PageRows[] = []
    for (const { source, group } of await this.#opened) {
      const chunk = group.columns.find((column) => column.leaf === leaf)
      if (!chunk) throw new RangeError(`a row group has no column ${leaf}`)
      const pages = await withFileName(source.name, () => readDataPages(source, node, chunk, this.#codecs))
      for (const page of pages) {
        const levels = { start: 0, end: page.header.valueCount }
        rows.push({ page, levels, values: { start: 0, end: page.nonNullCount } })
      }
    }
    if (leaf === this.#leaves.length - 1) this.#opened = null
    return toChunk(node, rows)
  }

  async #open(): Promise<{ source: ByteSource; group: RowGroup }[]> {
    const opened: { source: ByteSource; group: RowGroup }[] = []
    for (const [file, parts] of Map.groupBy(this.#parts, (part) => part.file)) {
      const { source, footer } = await openFooter(file, this.#codecs)
      for (const { index } of parts) {
        const group = footer.rowGroups[index]
        if (!group) throw new RangeError(`${source.name} has no row group ${index}`)
        opened.push({ source, group })
      }
    }
    return opened
  }
}

async function openFooter(file: JoinedFile, codecs: PageCodecs) {
  const source = await file.open()
  const bytes = await readFooterBytes(source)
  return await withFileName(source.name, async () => {
    const { footer, schema } = parseCopiedFooter(bytes, source.byteLength)
    await codecs.load?.(new Set(footer.rowGroups.flatMap(({ columns }) => columns.map(({ codec }) => codec))))
    return { source, footer, schema }
  })
}

function encodedBytesOf({ columns }: RowGroup): number {
  return sum(columns.map(({ encodedBytes }) => encodedBytes))
}

/** A file of another schema would put its values under wrong names. */
function requireSameColumns(first: ParquetFooter, next: ParquetFooter): void {
  const describe = ({ leaves }: ParquetFooter) =>
    JSON.stringify(
      leaves.map(({ path, leaf, maxDefinition, maxRepetition }) => [path, leaf, maxDefinition, maxRepetition]),
    )
  if (describe(first) !== describe(next)) throw new Error('files with different columns are joined')
}
