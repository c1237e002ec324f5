import 'server-only'
import path from 'node:path'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { createRowReader } from '@/lib/scan/read-rows'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import { PositionDeletes } from '@/server/data-files/delete-files/position-deletes'
import { readBatches } from '@/server/data-files/read/read-batches'
import { fieldsToWrite, writeRows } from '@/server/data-files/write/write-rows'
import { parseWriteSettings } from '@/server/data-files/write/write-settings'
import { pageCodecs } from '@/server/parquet/page-codecs'
import { withFileSource } from '@/server/parquet/transcode/local-file'
import { deleteLocation } from '@/server/table-writes/rows/delete-location'
import { retainedRows } from '@/server/table-writes/rows/retained-rows'
import type { LandingLoad, PlacedFile } from '../landing'
import type { KeyTable } from './key-table'
import { deletedRowsByFile } from './rows-by-file'

const CACHE_BYTES = 16 * 1024 * 1024

/**
 * Deletes superseded rows by position, in the commit that adds them.
 *
 * @param retained the files of the load that will be in the table
 */
export async function deleteSuperseded(
  keys: KeyTable,
  { files, journal, signal }: Pick<LandingLoad, 'files' | 'journal' | 'signal'>,
  { table, retained }: { table: LoadedTable; retained: ReadonlySet<PlacedFile> },
): Promise<DataFile[]> {
  const deletes = new PositionDeletes(table, signal)
  const shrinking = [...(await keys.countByFile('superseded')).keys()].flatMap((index) => {
    const file = files[index]
    return file && retained.has(file) ? [{ index, dataFile: file.dataFile }] : []
  })
  const locations = new Map(
    shrinking.map(({ index, dataFile }) => [index, deleteLocation(dataFile, deletes.fileExtension)]),
  )
  for (const location of locations.values()) table.store.checkLocation(location)
  if (locations.size > 0) await journal([...locations.values()])
  const added: DataFile[] = []
  for await (const { index, rows } of deletedRowsByFile(keys, 'superseded', rowCountOf(files))) {
    const [file, location] = [files[index], locations.get(index)]
    // A file without rows that are left is not added.
    if (file && location !== undefined) added.push(await deletes.write(rows, file.dataFile, location))
  }
  return added
}

/**
 * The files of a load without its superseded rows, for tables whose rows are not deleted by delete files. Files that have
 * such rows, and others, are written again before they are in the table.
 */
export async function withoutSuperseded(keys: KeyTable, load: LandingLoad): Promise<readonly PlacedFile[]> {
  const { files } = load
  const counts = await keys.countByFile('superseded')
  const written = new Map<number, PlacedFile | null>()
  for await (const { index, rows } of deletedRowsByFile(keys, 'superseded', rowCountOf(files))) {
    const placed = files[index]
    if (!placed) continue
    const isEmptied = counts.get(index) === placed.dataFile.recordCount
    written.set(index, isEmptied ? null : await rewriteStaged(load, placed, rows))
  }
  return files.flatMap((file, index) => {
    const replacement = written.get(index)
    return replacement === null ? [] : [replacement ?? file]
  })
}

async function rewriteStaged(
  { start, schema, folder, log, signal }: LandingLoad,
  { file, dataFile }: PlacedFile,
  superseded: Parameters<typeof retainedRows>[1],
): Promise<PlacedFile> {
  const { stagedPath, recordCount, fileSizeBytes, fileName } = file
  const fields = fieldsToWrite(schema, false)
  const to = path.join(folder, `retained-${fileName}`)
  const written = await withFileSource(stagedPath, (source) => {
    const scanned = {
      path: stagedPath,
      fileSizeBytes,
      recordCount,
      firstRowIndex: 0,
      sequenceNumber: 0,
      constants: new Map(),
    }
    const reader = createRowReader({
      fields,
      files: [scanned],
      open: () => source,
      codecs: { ...pageCodecs, avro: avroCodecs },
      limits: { cacheBytes: CACHE_BYTES },
    })
    const fieldIds = fields.map(({ id }) => id)
    const batches = readBatches(reader, { firstRow: 0, rowCount: recordCount, fieldIds, signal })
    return writeRows(
      retainedRows(batches, superseded),
      { plain: `${to}.plain`, to },
      { schema, hasLineage: false, settings: parseWriteSettings(start.metadata.properties, schema, log), signal },
    )
  })
  if (written === null) throw new Error(`${fileName} retains no rows`)
  const { sizes, ...description } = written
  return {
    file: { ...file, ...description, stagedPath: to, sizes },
    dataFile: { ...dataFile, ...description },
  }
}

function rowCountOf(files: readonly PlacedFile[]): (index: number) => number {
  return (index) => files[index]?.dataFile.recordCount ?? 0
}
