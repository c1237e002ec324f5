import 'server-only'
import type { z } from 'zod'
import type { FileColumn, getFile } from '@/lib/contract/table/files'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type IndexedField, indexFields } from '@/lib/iceberg/schema/schema'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { readFileSizes } from '@/server/db/catalog/data-file-sizes'
import type { TableServices } from '@/server/table/table-services'
import { boundText } from '@/server/table/bound-text'
import { toListedFile } from './file-page'
import { findEntry, openManifests } from './listed-entries'
import { describePartitions } from './live-files'

const COLUMN_PAGE_SIZE = 1_000
const MAX_SPLIT_OFFSETS = 10_000

/** The manifest's entry for a file. Throws as `openManifests` and `findEntry` do. */
export async function readFileEntry(
  services: Pick<TableServices, 'database' | 'manifestCache'>,
  table: LoadedTable,
  asOf: AsOf,
  input: { file: string; manifest?: string | undefined; columnOffset?: number | undefined; signal: AbortSignal },
): Promise<z.output<typeof getFile.output>> {
  const open = await openManifests(services, table, asOf, input.signal)
  const listed = await findEntry(open, input)
  const { entry } = listed
  const { dataFile } = entry
  const sizes = await readFileSizes(services.database, [dataFile.filePath])
  const fields = indexAllFields(table.metadata)
  const { partitionLabel: partition } = describePartitions(table.metadata)(entry)
  const offset = input.columnOffset ?? 0
  const columns = describeColumns(dataFile, fields)
  const page = columns.slice(offset, offset + COLUMN_PAGE_SIZE)
  return {
    file: toListedFile(listed, { partition, sizes: sizes.get(dataFile.filePath) ?? null }),
    fileSequenceNumber: entry.fileSequenceNumber,
    sortOrderId: dataFile.sortOrderId,
    equalityColumns:
      dataFile.equalityIds?.map((id) => `${id} ${fields.get(id)?.path.join('.') ?? '(not in the schema)'}`) ?? null,
    splitOffsets: dataFile.splitOffsets?.slice(0, MAX_SPLIT_OFFSETS) ?? null,
    referencedDataFile: dataFile.referencedDataFile,
    firstRowId: dataFile.firstRowId,
    columnCount: columns.length,
    columns: page,
    nextColumnOffset: offset + page.length < columns.length ? offset + page.length : null,
  }
}

/** Columns of position delete files. Spec: Iceberg table spec, *Reserved Field IDs*. */
const RESERVED_COLUMNS: ReadonlyMap<number, { name: string; type: PrimitiveType }> = new Map([
  [2_147_483_546, { name: 'file_path', type: 'string' }],
  [2_147_483_545, { name: 'pos', type: 'long' }],
])

/** In the order of the field ids. */
function describeColumns({ metrics }: DataFile, fields: ReadonlyMap<number, IndexedField>): FileColumn[] {
  // Every access decodes a map.
  const { columnSizesBytes, valueCounts, nullValueCounts, nanValueCounts, lowerBounds, upperBounds } = metrics
  const maps = [columnSizesBytes, valueCounts, nullValueCounts, nanValueCounts, lowerBounds, upperBounds]
  const ids = new Set(maps.flatMap((map) => [...map.keys()]))
  return [...ids]
    .toSorted((a, b) => a - b)
    .map((fieldId): FileColumn => {
      const indexed = fields.get(fieldId)
      const reserved = RESERVED_COLUMNS.get(fieldId)
      const type = typeof indexed?.field.type === 'string' ? indexed.field.type : (reserved?.type ?? null)
      return {
        fieldId,
        name: indexed?.path.join('.') ?? reserved?.name ?? null,
        type,
        storedBytes: columnSizesBytes.get(fieldId) ?? null,
        valueCount: valueCounts.get(fieldId) ?? null,
        nullCount: nullValueCounts.get(fieldId) ?? null,
        nanCount: nanValueCounts.get(fieldId) ?? null,
        lowerBound: boundText(type, lowerBounds.get(fieldId)),
        upperBound: boundText(type, upperBounds.get(fieldId)),
      }
    })
}

/** Fields by id. The current schema takes precedence; a dropped field keeps its last name. */
function indexAllFields({ schemas, currentSchemaId }: TableMetadata): Map<number, IndexedField> {
  const currentLast = schemas.toSorted(
    (a, b) => Number(a.schemaId === currentSchemaId) - Number(b.schemaId === currentSchemaId),
  )
  return new Map(currentLast.flatMap((schema) => [...indexFields(schema)]))
}
