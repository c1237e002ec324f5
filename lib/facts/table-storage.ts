import type { DictionaryUse, FileFooter, FooterColumn } from './file-footer'
import { codecPart, type PartBytes, type StoragePart } from './storage-part'

/** The parts and columns of the files of a table. Sizes are in bytes. */

/** A live file. */
export type StoredFile = {
  content: 'data' | 'deletes'
  isParquet: boolean
  fileBytes: number
  /** Null: it was not read. */
  footer: FileFooter | null
  /** Why the footer could not be read; null: it was read, or no one has tried to. */
  problem: string | null
}

export type StorageColumn = {
  /** {@link OTHER_COLUMNS} for all that are not among the largest. */
  fieldId: number
  bytes: PartBytes
  isEstimated: boolean
  /** Most bytes first. */
  codecs: readonly { codec: string; storedBytes: number }[]
  /** Most frequent first. */
  encodings: readonly string[]
  dictionary: DictionaryUse | null
}

export type TableStorage = {
  /** Parts without bytes are left out. */
  parts: ReadonlyMap<StoragePart, PartBytes>
  /** The largest, and the sum of all others. */
  columns: readonly StorageColumn[]
  columnCount: number
  dataFiles: number
  readFiles: number
  unreadableFiles: number
  otherFormatFiles: number
  isEstimated: boolean
  /** Pages whose codec is set, and those of them that have it. */
  setBytes: number
  asSetBytes: number
  /** The first reason for which a footer could not be read. */
  problem: string | null
}

/** No column of a table has this id. */
export const OTHER_COLUMNS = 0
const MAX_COLUMNS = 20

export const NO_BYTES: PartBytes = { stored: 0, encoded: 0, plain: 0 }

/**
 * Adds up the files of a table.
 *
 * @param codecOf the codec that is set for a column, which null stands for if it has no id; null: none is set
 */
export function sumStorage(
  files: Iterable<StoredFile>,
  codecOf: (fieldId: number | null) => string | null,
): TableStorage {
  const parts = new PartSums()
  const columns = new Map<number, ColumnSum>()
  const counts = { dataFiles: 0, readFiles: 0, unreadableFiles: 0, otherFormatFiles: 0 }
  let problem: string | null = null
  for (const file of files) {
    if (file.content === 'deletes') {
      parts.add('deletes', { ...NO_BYTES, stored: file.fileBytes })
      continue
    }
    counts.dataFiles += 1
    if (!file.isParquet) counts.otherFormatFiles += 1
    if (file.problem !== null) {
      counts.unreadableFiles += 1
      problem ??= file.problem
    }
    if (file.footer === null) {
      parts.add('unread', { ...NO_BYTES, stored: file.fileBytes })
      continue
    }
    counts.readFiles += 1
    let pageBytes = 0
    for (const column of file.footer) pageBytes += addColumn(column, parts, columns)
    parts.add('footers', { ...NO_BYTES, stored: file.fileBytes - pageBytes })
  }
  const all = [...columns.values()]
  const { setBytes, asSetBytes } = compareCodecs(all, codecOf)
  return {
    ...counts,
    parts: parts.toMap(),
    columns: keepLargest(all),
    columnCount: all.length,
    isEstimated: all.some(({ isEstimated }) => isEstimated),
    setBytes,
    asSetBytes,
    problem,
  }
}

/** By how much the bytes of each part changed; parts that did not change are left out. */
export function partChanges(
  before: ReadonlyMap<StoragePart, PartBytes>,
  after: ReadonlyMap<StoragePart, PartBytes>,
): Map<StoragePart, PartBytes> {
  return changesOf(before, after)
}

/** By how much the bytes of each column changed, by its id; those that did not change are left out. */
export function columnChanges(
  before: ReadonlyMap<number, PartBytes>,
  after: ReadonlyMap<number, PartBytes>,
): Map<number, PartBytes> {
  return changesOf(before, after)
}

function changesOf<Key>(before: ReadonlyMap<Key, PartBytes>, after: ReadonlyMap<Key, PartBytes>): Map<Key, PartBytes> {
  const changes = new Map<Key, PartBytes>()
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const from = before.get(key) ?? NO_BYTES
    const to = after.get(key) ?? NO_BYTES
    const change = addBytes(to, { stored: -from.stored, encoded: -from.encoded, plain: -from.plain })
    if (change.stored !== 0 || change.encoded !== 0 || change.plain !== 0) changes.set(key, change)
  }
  return changes
}

function addBytes(a: PartBytes, b: PartBytes): PartBytes {
  return { stored: a.stored + b.stored, encoded: a.encoded + b.encoded, plain: a.plain + b.plain }
}

class PartSums {
  readonly #sums = new Map<StoragePart, PartBytes>()

  add(part: StoragePart, bytes: PartBytes): void {
    this.#sums.set(part, addBytes(this.#sums.get(part) ?? NO_BYTES, bytes))
  }

  toMap(): Map<StoragePart, PartBytes> {
    return changesOf(new Map(), this.#sums)
  }
}

/** A column over all files. Counts of files are by encoding and by use of the dictionary. */
type ColumnSum = {
  fieldId: number
  hasId: boolean
  bytes: PartBytes
  isEstimated: boolean
  codecs: Map<string, number>
  encodings: Map<string, number>
  dictionaries: Set<DictionaryUse>
}

/** @returns the stored bytes of the column */
function addColumn(column: FooterColumn, parts: PartSums, sums: Map<number, ColumnSum>): number {
  const fieldId = column.fieldId ?? OTHER_COLUMNS
  const sum = sums.get(fieldId) ?? newColumnSum(fieldId)
  sums.set(fieldId, sum)
  let stored = 0
  for (const [, storedBytes] of column.codecs) stored += storedBytes
  let left = { encoded: column.encodedBytes, plain: column.plainBytes }
  column.codecs.forEach(([codec, storedBytes], index) => {
    // The footer has one encoded size for all chunks of a column, whatever their codecs: it is split by stored bytes.
    const isLast = index === column.codecs.length - 1
    const share = stored === 0 ? 0 : storedBytes / stored
    const own = isLast
      ? left
      : { encoded: Math.round(column.encodedBytes * share), plain: Math.round(column.plainBytes * share) }
    left = { encoded: left.encoded - own.encoded, plain: left.plain - own.plain }
    parts.add(codecPart(codec), { stored: storedBytes, ...own })
    sum.codecs.set(codec, (sum.codecs.get(codec) ?? 0) + storedBytes)
  })
  sum.bytes = addBytes(sum.bytes, { stored, encoded: column.encodedBytes, plain: column.plainBytes })
  sum.isEstimated ||= column.isEstimated
  for (const encoding of column.encodings) sum.encodings.set(encoding, (sum.encodings.get(encoding) ?? 0) + 1)
  if (column.dictionary !== null) sum.dictionaries.add(column.dictionary)
  return stored
}

function newColumnSum(fieldId: number): ColumnSum {
  return {
    fieldId,
    hasId: fieldId !== OTHER_COLUMNS,
    bytes: NO_BYTES,
    isEstimated: false,
    codecs: new Map(),
    encodings: new Map(),
    dictionaries: new Set(),
  }
}

function compareCodecs(
  columns: readonly ColumnSum[],
  codecOf: (fieldId: number | null) => string | null,
): Pick<TableStorage, 'setBytes' | 'asSetBytes'> {
  let setBytes = 0
  let asSetBytes = 0
  for (const { fieldId, hasId, bytes, codecs } of columns) {
    const set = codecOf(hasId ? fieldId : null)
    if (set === null) continue
    setBytes += bytes.stored
    asSetBytes += codecs.get(set) ?? 0
  }
  return { setBytes, asSetBytes }
}

function keepLargest(columns: readonly ColumnSum[]): StorageColumn[] {
  const sorted = columns
    .filter(({ hasId }) => hasId)
    .toSorted((a, b) => b.bytes.stored - a.bytes.stored || a.fieldId - b.fieldId)
  const others = [...sorted.slice(MAX_COLUMNS), ...columns.filter(({ hasId }) => !hasId)]
  const kept = sorted.slice(0, MAX_COLUMNS).map(toStorageColumn)
  return others.length === 0 ? kept : [...kept, toStorageColumn(mergeColumns(others))]
}

function mergeColumns(columns: readonly ColumnSum[]): ColumnSum {
  const merged = newColumnSum(OTHER_COLUMNS)
  for (const { bytes, isEstimated, codecs, encodings, dictionaries } of columns) {
    merged.bytes = addBytes(merged.bytes, bytes)
    merged.isEstimated ||= isEstimated
    for (const [codec, storedBytes] of codecs) merged.codecs.set(codec, (merged.codecs.get(codec) ?? 0) + storedBytes)
    for (const [name, count] of encodings) merged.encodings.set(name, (merged.encodings.get(name) ?? 0) + count)
    for (const use of dictionaries) merged.dictionaries.add(use)
  }
  return merged
}

function toStorageColumn({ fieldId, bytes, isEstimated, codecs, encodings, dictionaries }: ColumnSum): StorageColumn {
  return {
    fieldId,
    bytes,
    isEstimated,
    codecs: mostFirst(codecs).map(([codec, storedBytes]) => ({ codec, storedBytes })),
    encodings: mostFirst(encodings).map(([name]) => name),
    dictionary: (['fallback', 'unknown', 'all'] as const).find((use) => dictionaries.has(use)) ?? null,
  }
}

function mostFirst(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
}

/** The storage of a table without files. */
export const NO_STORAGE: TableStorage = sumStorage([], () => null)
