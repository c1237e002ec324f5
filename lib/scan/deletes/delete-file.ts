import type { DataFile, ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { AppError } from '@/lib/errors'
import { toEqualityColumn } from './equality-deletes'

/** The members of a delete file that reading it needs. Each deletion vector is one, also where several share a file. */
export type DeleteFile = {
  /** Position among the live delete files of the snapshot. */
  index: number
  path: string
  content: 'position-deletes' | 'equality-deletes'
  format: DataFile['fileFormat']
  fileSizeBytes: number
  recordCount: number
  /** Field ids of the columns that an equality delete file compares; empty for others. */
  equalityIds: readonly number[]
  /** The table's column that holds each of these ids, with only the path to it. */
  equalityFields: readonly NestedField[]
  /** Where a deletion vector is in its file; null for other files. */
  contentOffset: number | null
  contentSizeBytes: number | null
  referencedDataFile: string | null
}

/**
 * Describes the delete files of a table.
 *
 * @returns a function that throws {AppError} file-damaged for a delete file whose manifest leaves out how to read it
 */
export function createDeleteFileBuilder({
  schemas,
}: Pick<TableMetadata, 'schemas'>): (entry: ManifestEntry, index: number) => DeleteFile {
  // A column that was dropped is in an older schema. The newest type is the one that every file can be read as.
  const newestFirst = schemas.toSorted((a, b) => b.schemaId - a.schemaId)
  const columns = new Map<number, NestedField | null>()
  const columnOf = (fieldId: number): NestedField | null => {
    const known = columns.get(fieldId)
    if (known !== undefined) return known
    for (const { fields } of newestFirst) {
      const column = toEqualityColumn(fields, fieldId)
      if (column === null) continue
      columns.set(fieldId, column.field)
      return column.field
    }
    columns.set(fieldId, null)
    return null
  }

  return ({ dataFile }, index) => {
    const { filePath, content, equalityIds } = dataFile
    const ids = content === 'equality-deletes' ? (equalityIds ?? []) : []
    if (content === 'equality-deletes' && ids.length === 0) {
      throw damagedError(filePath, 'deletes rows by their values, but its manifest does not say which columns')
    }
    return {
      index,
      path: filePath,
      content: content === 'equality-deletes' ? content : 'position-deletes',
      format: dataFile.fileFormat,
      fileSizeBytes: dataFile.fileSizeBytes,
      recordCount: dataFile.recordCount,
      equalityIds: ids,
      equalityFields: ids.map((id) => {
        const column = columnOf(id)
        if (column) return column
        throw damagedError(filePath, `deletes rows by the column with the id ${id}, which the table never had`)
      }),
      contentOffset: dataFile.contentOffset,
      contentSizeBytes: dataFile.contentSizeBytes,
      referencedDataFile: dataFile.referencedDataFile,
    }
  }
}

/** The bytes that reading it takes. */
export function deleteFileBytes({ contentSizeBytes, fileSizeBytes }: DeleteFile): number {
  return contentSizeBytes ?? fileSizeBytes
}

/**
 * How many rows of one data file its delete files delete, if that is known before any of them is read: there are none,
 * or there is one deletion vector, whose record count is the number of its positions.
 */
export function knownDeletedCount(deletes: readonly DeleteFile[]): number | null {
  const [only] = deletes
  if (only === undefined) return 0
  return deletes.length === 1 && only.format === 'puffin' ? only.recordCount : null
}

function damagedError(file: string, problem: string): AppError {
  return new AppError('file-damaged', `The delete file ${file} ${problem}.`, { facts: { file } })
}

export function unreadableDeletesError(path: string, format: DeleteFile['format']): AppError {
  return new AppError(
    'not-supported',
    `${path} deletes rows and is written as ${format.toUpperCase()}, but Lakeshore reads only Parquet, Avro and Puffin. The rows of the data files to which it applies are not shown.`,
    { facts: { file: path, format } },
  )
}
