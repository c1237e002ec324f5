import 'server-only'
import type { Change, Database } from '../database'
import { change, query } from '../statement'
import type { Tables } from '../tables'

/**
 * The size of data files before and after encoding and compression, as far as a writer or a reader measured it. It is
 * stored apart from manifests, which have no field for it. A file never changes, so neither does its row.
 */
export type DataFileSizes = {
  /** Each value at the width of its type, strings and binaries at their length, nulls at zero. Null: not known. */
  plainBytes: number | null
  /**
   * `counted` by our writer while it wrote, summed from Parquet's `size-statistics`, or `estimated` from the footer;
   * null when the size is not known.
   */
  plainSource: 'counted' | 'size-statistics' | 'estimated' | null
  /** Pages before compression. */
  encodedBytes: number
  /** Pages after compression: the file without its footer. */
  storedBytes: number
  /** By column path (`a.b`). If the row groups of a column differ, each codec is listed once, joined by `, `. */
  codecs: Readonly<Record<string, string>>
}

/** Inserts the row of a file. If two readers measure one file at the same time, the first row stays. */
export function insertFileSizes(tableUuid: string, filePath: string, sizes: DataFileSizes): Change {
  return change(({ db }) =>
    db
      .insertInto('data_file_sizes')
      .values({
        file_path: filePath,
        table_uuid: tableUuid,
        plain_bytes: sizes.plainBytes,
        plain_source: sizes.plainSource,
        encoded_bytes: sizes.encodedBytes,
        stored_bytes: sizes.storedBytes,
        codecs: JSON.stringify(sizes.codecs),
      })
      .onConflict((conflict) => conflict.doNothing()),
  )
}

/** A number of parameters per statement that both databases accept. */
const PATHS_PER_QUERY = 500

/** The sizes of those files that have been measured, by path. */
export async function readFileSizes(
  database: Database,
  filePaths: readonly string[],
): Promise<Map<string, DataFileSizes>> {
  const sizesByPath = new Map<string, DataFileSizes>()
  for (let start = 0; start < filePaths.length; start += PATHS_PER_QUERY) {
    const rows = await database.read(selectFileSizes(filePaths.slice(start, start + PATHS_PER_QUERY)))
    for (const row of rows) sizesByPath.set(row.file_path, toSizes(row))
  }
  return sizesByPath
}

function selectFileSizes(filePaths: readonly string[]) {
  return query(({ db }) => db.selectFrom('data_file_sizes').selectAll().where('file_path', 'in', filePaths))
}

function toSizes(row: Tables['data_file_sizes']): DataFileSizes {
  return {
    plainBytes: row.plain_bytes,
    plainSource: row.plain_source,
    encodedBytes: row.encoded_bytes,
    storedBytes: row.stored_bytes,
    codecs: JSON.parse(row.codecs),
  }
}
