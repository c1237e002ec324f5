import 'server-only'
import pMap from 'p-map'
import { AppError } from '@/lib/errors'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { type IndexedField, indexFields } from '@/lib/iceberg/schema/schema'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { readFooter } from '@/lib/parquet/footer'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { type DataFileSizes, insertFileSizes, readFileSizes } from '@/server/db/catalog/data-file-sizes'
import type { Database } from '@/server/db/database'
import { openDataFile } from '../open-data-file'
import { sizesFromFooter } from './footer-sizes'

/** How many footers of unmeasured files one request reads; the next request continues. */
const MAX_FOOTERS = 256
const CONCURRENCY = 8

export type MeasuredFiles = {
  sizes: ReadonlyMap<string, DataFileSizes>
  /** Why footers could not be read, by file. */
  unreadable: ReadonlyMap<string, string>
}

/**
 * Sizes of data files: as counted when they were written, or else from their footers, which are read once and cached. A
 * file that is neither in `sizes` nor in `unreadable` is not Parquet, or is beyond what one request reads.
 */
export async function measureFiles(
  database: Database,
  table: LoadedTable,
  files: readonly { dataFile: DataFile }[],
  { signal }: { signal: AbortSignal },
): Promise<MeasuredFiles> {
  const sizes = await readFileSizes(
    database,
    files.map(({ dataFile }) => dataFile.filePath),
  )
  const unreadable = new Map<string, string>()
  const unmeasured = files.filter(({ dataFile }) => !sizes.has(dataFile.filePath) && dataFile.fileFormat === 'parquet')
  const measured = await pMap(
    unmeasured.slice(0, MAX_FOOTERS),
    async ({ dataFile }) => {
      try {
        return { filePath: dataFile.filePath, sizes: await readSizes(table, dataFile, signal) }
      } catch (error) {
        if (signal.aborted || !(error instanceof AppError)) throw error
        unreadable.set(dataFile.filePath, error.message)
        return null
      }
    },
    { concurrency: CONCURRENCY },
  )
  const found = measured.flatMap((file) => (file === null ? [] : [file]))
  for (const { filePath, sizes: fromFooter } of found) sizes.set(filePath, fromFooter)
  if (found.length > 0) {
    await database.commit(found.map((file) => insertFileSizes(table.metadata.tableUuid, file.filePath, file.sizes)))
  }
  return { sizes, unreadable }
}

async function readSizes(
  { metadata, store }: LoadedTable,
  { filePath }: DataFile,
  signal: AbortSignal,
): Promise<DataFileSizes> {
  const footer = await readFooter(await openDataFile(store, filePath, signal), { signal })
  return sizesFromFooter(footer, indexAllFields(metadata))
}

/** Fields by id. The current schema takes precedence; dropped fields keep their last name. */
export function indexAllFields({ schemas, currentSchemaId }: TableMetadata): ReadonlyMap<number, IndexedField> {
  const currentLast = [...schemas].sort(
    (a, b) => Number(a.schemaId === currentSchemaId) - Number(b.schemaId === currentSchemaId),
  )
  return new Map(currentLast.flatMap((schema) => [...indexFields(schema)]))
}
