import 'server-only'
import { createHash } from 'node:crypto'
import pMap from 'p-map'
import { type ColumnStorage, MAX_STORED_COLUMNS, type StoredColumn } from '@/lib/contract/table/compression'
import { AppError } from '@/lib/errors'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { NAME_MAPPING_PROPERTY, type NameMapping, readNameMapping } from '@/lib/iceberg/properties/name-mapping'
import { type IndexedField, indexFields } from '@/lib/iceberg/schema/schema'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import { medianOf } from '@/lib/median'
import { sum } from '@/lib/sum'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { MetricsServices } from '@/server/metrics/metrics-services'
import { type LiveFile, readLiveFiles } from '@/server/table/files/live-files'
import { codecPropertyName } from '@/server/table/codec-name'
import { currentSnapshot } from '../sizes/snapshot-totals'
import { loadedBytesPerDay } from './loaded-bytes-per-day'
import { type FileColumn, type FileColumns, readFileColumns } from './file-columns'
import { indexAllFields } from '@/server/data-files/measure/measure-files'
import { openDataFile } from '@/server/data-files/open-data-file'
import { insertFileSizes, readFileSizes } from '@/server/db/catalog/data-file-sizes'
import type { Database } from '@/server/db/database'
import { clock } from '@/server/timing/clock'
import { spreadEvenly } from './spread-evenly'

const MAX_FILES = 64
const CONCURRENCY = 8
const TIME_BUDGET_MS = 10_000
const MAX_FOOTER_BYTES = 128 * 1024 * 1024
const MAX_REASONS = 10

type StorageServices = Pick<MetricsServices, 'database' | 'manifestCache' | 'fileColumns'>
/** How the columns of a table's files are named: `mappingKey` is a short text that differs for different mappings. */
type ColumnNames = {
  nameMapping: NameMapping | null
  mappingKey: string
  fields: ReadonlyMap<number, IndexedField>
}
type ReadFile = { file: LiveFile; columns: FileColumns }

/**
 * The storage of each column in the live data files of a table, from the footers of a sample. Footers beyond the limits
 * of time and bytes are left out; the result reports how many were read. Their sizes are stored, so that lists of files
 * report the same as this.
 *
 * @throws {AppError} invalid-request for a name mapping that is not valid
 */
export async function readColumnStorage(
  { database, manifestCache, fileColumns }: StorageServices,
  table: LoadedTable,
  { signal, nowMs, timeBudgetMs = TIME_BUDGET_MS }: { signal: AbortSignal; nowMs: number; timeBudgetMs?: number },
): Promise<Omit<ColumnStorage, 'storagePrice'>> {
  const { metadata, store } = table
  const live = await readLiveFiles(manifestCache, table, currentSnapshot(metadata), { store, signal })
  const files = live.filter(({ dataFile }) => dataFile.content === 'data')
  const parquet = files.filter(({ dataFile }) => dataFile.fileFormat === 'parquet')
  const timeout = clock.deadline(timeBudgetMs)
  const names = readColumnNames(metadata)
  const unreadable: { path: string; reason: string }[] = []
  let footerBytes = 0
  const read = await pMap(
    spreadEvenly(parquet, MAX_FILES),
    async (file): Promise<ReadFile | null> => {
      if (timeout.aborted || footerBytes > MAX_FOOTER_BYTES) return null
      try {
        const columns = await readCached(fileColumns, table, {
          file,
          names,
          signal: AbortSignal.any([signal, timeout]),
        })
        footerBytes += columns.footerBytes
        return { file, columns }
      } catch (error) {
        signal.throwIfAborted()
        if (timeout.aborted) return null
        if (!(error instanceof AppError)) throw error
        unreadable.push({ path: file.dataFile.filePath, reason: error.message })
        return null
      }
    },
    { concurrency: CONCURRENCY },
  )
  const found = read.flatMap((one) => one ?? [])
  await storeSizes(database, metadata.tableUuid, found)
  const fields = [...indexFields(currentSchema(metadata)).values()].filter(
    ({ field }) => typeof field.type === 'string',
  )
  const columns = mergeColumns(found, fields)
  return {
    fileCount: files.length,
    fileBytes: totalBytes(files),
    readFileCount: found.length,
    readFileBytes: totalBytes(found.map(({ file }) => file)),
    unreadable: unreadable.slice(0, MAX_REASONS),
    unreadableCount: unreadable.length,
    otherFormatCount: files.length - parquet.length,
    readAtMs: nowMs,
    columns: columns.toSorted((a, b) => b.storedBytes - a.storedBytes).slice(0, MAX_STORED_COLUMNS),
    columnCount: columns.length,
    droppedColumnBytes: storedBytesOf(found) - sum(columns.map(({ storedBytes }) => storedBytes)),
    loadedBytesPerDay: loadedBytesPerDay(metadata, nowMs),
  }
}

async function readCached(
  cache: StorageServices['fileColumns'],
  { identifier, store }: LoadedTable,
  { file, names, signal }: { file: LiveFile; names: ColumnNames; signal: AbortSignal },
): Promise<FileColumns> {
  const { filePath } = file.dataFile
  // Asked for every time: the store decides whether the table may read the file, and a file of another length is another.
  const source = await openDataFile(store, filePath, signal)
  const key = `${identifier.catalog}\n${filePath}\n${source.byteLength}\n${names.mappingKey}`
  const cached = cache.get(key)
  if (cached) return cached
  const columns = await readFileColumns(source, names, signal)
  cache.set(key, columns)
  return columns
}

/** Stores the sizes of files that were not measured before. */
async function storeSizes(database: Database, tableUuid: string, files: readonly ReadFile[]): Promise<void> {
  const known = await readFileSizes(
    database,
    files.map(({ file }) => file.dataFile.filePath),
  )
  const added = files.filter(({ file }) => !known.has(file.dataFile.filePath))
  if (added.length === 0) return
  await database.commit(
    added.map(({ file, columns }) => insertFileSizes(tableUuid, file.dataFile.filePath, columns.sizes)),
  )
}

/** A mapping may be long, and the cache has a key for each file. */
function readColumnNames(metadata: TableMetadata): ColumnNames {
  const text = metadata.properties[NAME_MAPPING_PROPERTY]
  return {
    nameMapping: readNameMapping(metadata.properties),
    mappingKey: text === undefined ? '' : createHash('sha256').update(text).digest('base64'),
    fields: indexAllFields(metadata),
  }
}

function totalBytes(files: readonly LiveFile[]): number {
  return sum(files.map(({ dataFile }) => dataFile.fileSizeBytes))
}

function storedBytesOf(files: readonly ReadFile[]): number {
  return sum(
    files.flatMap(({ columns }) => columns.columns.flatMap((column) => [...column.storedBytesByCodec.values()])),
  )
}

/** Never by name alone: another column may have had the name when the file was written. */
function mergeColumns(files: readonly ReadFile[], fields: readonly IndexedField[]): StoredColumn[] {
  const ofFiles = files.flatMap(({ columns }) => columns.columns)
  const byId = Map.groupBy(ofFiles, ({ fieldId }) => fieldId)
  return fields.map(({ field, path }) => {
    const parts = mergeParts(byId.get(field.id) ?? [])
    return { fieldId: field.id, column: [...path], type: typeLabel(field.type), ...parts }
  })
}

function mergeParts(parts: readonly FileColumn[]): Omit<StoredColumn, 'fieldId' | 'column' | 'type'> {
  const codecs = addUp(parts.map(({ storedBytesByCodec }) => storedBytesByCodec))
  const withDictionary = parts.filter(({ hasDictionary }) => hasDictionary)
  return {
    plainBytes: sum(parts.map(({ plainBytes }) => plainBytes)),
    isPlainEstimated: parts.some(({ isPlainEstimated }) => isPlainEstimated),
    encodedBytes: sum(parts.map(({ encodedBytes }) => encodedBytes)),
    storedBytes: sum([...codecs.values()]),
    codecs: [...codecs]
      .map(([codec, storedBytes]) => ({ codec: codecPropertyName(codec), storedBytes }))
      .toSorted((a, b) => b.storedBytes - a.storedBytes),
    encodings: [...addUp(parts.map(({ encodings }) => encodings))]
      .toSorted(([, a], [, b]) => b - a)
      .map(([name]) => name),
    hasDictionary: withDictionary.length > 0,
    hasDictionaryFallback: withDictionary.some(({ hasDictionaryFallback }) => hasDictionaryFallback === true)
      ? true
      : withDictionary.some(({ hasDictionaryFallback }) => hasDictionaryFallback === null)
        ? null
        : false,
    pages: countPages(parts),
  }
}

function addUp<Key>(maps: readonly ReadonlyMap<Key, number>[]): Map<Key, number> {
  const total = new Map<Key, number>()
  for (const map of maps) for (const [key, number] of map) total.set(key, (total.get(key) ?? 0) + number)
  return total
}

function countPages(parts: readonly FileColumn[]): StoredColumn['pages'] {
  if (parts.length === 0 || parts.some(({ pageBytes }) => pageBytes === null)) return null
  const sizes = Uint32Array.from(parts.flatMap(({ pageBytes }) => [...(pageBytes ?? [])])).sort()
  return { count: sizes.length, medianStoredBytes: Math.round(medianOf(sizes) ?? 0) }
}
