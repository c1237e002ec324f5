import { resolveAsOf } from '@/lib/iceberg/metadata/snapshot-graph'
import { readNameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { createDeleteFileBuilder } from '@/lib/scan/deletes/delete-file'
import { planScan } from '@/lib/scan/plan/scan-plan'
import { LAST_UPDATED_SEQUENCE_NUMBER, ROW_ID } from '@/lib/scan/read/metadata-columns'
import { createRowReader } from '@/lib/scan/read-rows'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import { toGoldenValue } from '@/testing/golden/golden-value'
import { pageCodecs } from '@/testing/parquet/page-codecs'

const BATCH_ROWS = 10_000

/** Every row of a table with its deletes applied, and with its lineage, by the product's reader; in a fixed order. */
export async function readTableRows({ metadata, store }: LoadedTable, snapshotId?: string): Promise<string[]> {
  const { snapshot, schema } = resolveAsOf(metadata, snapshotId === undefined ? {} : { snapshotId })
  const plan = await planScan(
    { metadata, snapshot },
    { readFile: (location) => store.read(location), codecs: avroCodecs },
  )
  const deletes = (await plan.readDeletes())?.entries ?? []
  const toDeleteFile = createDeleteFileBuilder(metadata)
  const open = async ({ path }: { path: string }) => ({
    name: path,
    byteLength: await store.sizeBytes(path),
    read: (start: number, end: number) => store.read(path, { range: { start, end } }),
  })
  const files = (await plan.listTasks({ fromFile: 0 })).map((task) => ({
    ...task,
    path: task.filePath,
    deletes: task.deletes.flatMap((index) => {
      const entry = deletes[index]
      return entry ? [toDeleteFile(entry, index)] : []
    }),
  }))
  const byteSources = new Map(
    await Promise.all(
      [...files, ...files.flatMap((file) => file.deletes)].map(async (file) => [file.path, await open(file)] as const),
    ),
  )
  const sourceOf = ({ path }: { path: string }) => {
    const source = byteSources.get(path)
    if (!source) throw new Error(`${path} was not planned`)
    return source
  }
  const fields: NestedField[] = [...schema.fields, ROW_ID, LAST_UPDATED_SEQUENCE_NUMBER]
  const reader = createRowReader({
    fields: schema.fields,
    files,
    open: sourceOf,
    openDelete: sourceOf,
    codecs: pageCodecs,
    nameMapping: readNameMapping(metadata.properties),
  })
  const fieldIds = fields.map(({ id }) => id)
  const rows: string[] = []
  for (let firstRow = 0; firstRow < reader.rowCount; firstRow += BATCH_ROWS) {
    // The row count is exact once the rows before are read.
    const { columns, lastRow } = await reader.readRows({ firstRow, lastRow: firstRow + BATCH_ROWS, fieldIds })
    for (let row = 0; row < lastRow - firstRow; row++)
      rows.push(JSON.stringify(fields.map(({ id, type }) => toGoldenValue(type, columns.get(id)?.[row] ?? null))))
  }
  return rows.sort()
}
