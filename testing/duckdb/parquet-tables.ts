import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { AppError } from '@/lib/errors'
import type { NameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import { decodeColumns, openFile, summarizeFooter } from '@/lib/query/load/decode'
import type { LoadableFile } from '@/lib/query/load/decode-messages'
import type { createQuerySession } from '@/lib/query/session/query-session'
import { knownFiles } from '@/lib/query/load/table-files'
import { pageCodecs } from '@/testing/parquet/page-codecs'

/**
 * A table of one Parquet file. `rows` is native DuckDB's SQL; `fields` also gives the ids of the columns in the file.
 */
export type ParquetTable = { name: string; rows: string; fields: readonly NestedField[] }

/** A query session's access to the tables. */
export type ParquetTableAccess = Pick<Parameters<typeof createQuerySession>[0], 'decoder' | 'planTable' | 'readView'>

/** An optional column. */
export const field = (id: number, name: string, type: Type): NestedField => ({ id, name, type, required: false })

/** Writes the tables to files and returns a session's access to them; native DuckDB has the same files as views. */
export async function writeParquetTables(
  native: DuckDBConnection,
  folder: string,
  tables: readonly ParquetTable[],
): Promise<ParquetTableAccess> {
  for (const { name, rows, fields } of tables) {
    const file = path.join(folder, `${name}.parquet`)
    await native.run(`copy (${rows}) to '${file}' (format parquet, field_ids ${toFieldIds(fields)})`)
    await native.run(`create view ${name} as from read_parquet('${file}')`)
  }
  const written: WrittenTable[] = []
  for (const { name, fields } of tables) {
    const bytes = new Uint8Array(readFileSync(path.join(folder, `${name}.parquet`)))
    const counted = await native.runAndReadAll(`select count(*)::int from ${name}`)
    written.push({ name, fields, bytes, recordCount: Number(counted.getRows()[0]?.[0]) })
  }
  return openParquetTables(written)
}

/** A table of one file that is already written. */
type WrittenTable = Pick<ParquetTable, 'name' | 'fields'> & {
  bytes: Uint8Array
  recordCount: number
  /** For a file without field ids. */
  nameMapping?: NameMapping
}

export function openParquetTables(tables: readonly WrittenTable[]): ParquetTableAccess {
  const files = new Map<string, LoadableFile & { bytes: Uint8Array }>()
  for (const { name, bytes, recordCount, nameMapping = null } of tables) {
    files.set(name, {
      url: name,
      name,
      bytes,
      byteLength: bytes.length,
      recordCount,
      tailBytes: 4096,
      constants: new Map(),
      nameMapping,
      deletes: [],
    })
  }
  const open = (file: LoadableFile) => {
    const bytes = files.get(file.name)?.bytes ?? new Uint8Array()
    const read = async (start: number, end: number) => bytes.slice(start, end)
    return openFile({ name: file.name, byteLength: bytes.length, read }, file, pageCodecs)
  }
  return {
    decoder: {
      readFooter: async (file) => summarizeFooter(await open(file)),
      decodeColumns: async (file, order) => decodeColumns(await open(file), order),
      countRows: () => Promise.reject(new Error('the files have no deletes')),
      start: () => {},
    },
    planTable: async ({ catalog, namespace, table }, { ref, snapshotId }) => {
      const prefix = catalog === 'lab' ? 'lab.' : ''
      const version = ref ?? snapshotId
      const name = `${prefix}${namespace.join('.')}.${table}${version === undefined ? '' : `_at_${version}`}`
      const [file, described] = [files.get(name), tables.find((each) => each.name === name)]
      if (!file || !described) throw new AppError('not-found', `There is no table ${name}.`)
      return {
        key: name,
        snapshotId: '1',
        committedAtMs: 0,
        fields: described.fields,
        files: knownFiles([file]),
        fileCount: 1,
        rowCount: file.recordCount,
        deleteFileCount: 0,
        deleteBytes: 0,
        fileBytes: file.byteLength,
      }
    },
    readView: async () => null,
  }
}

function toFieldIds(fields: readonly NestedField[]): string {
  const entries = fields.map(({ id, name, type }) => `"${name}": ${toFieldId(id, type)}`)
  return `{${entries.join(', ')}}`
}

function toFieldId(id: number, type: Type): string {
  if (typeof type === 'string') return String(id)
  const own = `__duckdb_field_id: ${id}`
  switch (type.type) {
    case 'struct':
      return `{${own}, ${toFieldIds(type.fields).slice(1)}`
    case 'list':
      return `{${own}, element: ${toFieldId(type.elementId, type.element)}}`
    case 'map':
      return `{${own}, key: ${toFieldId(type.keyId, type.key)}, value: ${toFieldId(type.valueId, type.value)}}`
  }
}
