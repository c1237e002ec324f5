import 'server-only'
import type { Change, Database } from '../database'
import { change, query } from '../statement'
import type { Tables } from '../tables'

/**
 * What data files hold before and after encoding and compression, as far as a writer or a reader counted it. Kept
 * apart from manifests, which have no place for it; a file never changes, so neither does its row.
 */
export type DataFileSizes = {
  /** Each value at its type's width, strings and binaries at their length, null at nothing. Null: not known. */
  plainBytes: number | null
  /**
   * `counted` by our writer while it wrote, summed from Parquet's `size-statistics`, or `estimated` from the footer;
   * null where it is not known.
   */
  plainSource: 'counted' | 'size-statistics' | 'estimated' | null
  /** Pages before the codec. */
  encodedBytes: number
  /** Pages after the codec: the file without its footer. */
  storedBytes: number
  /** By column path (`a.b`); a column whose row groups differ has each codec once, joined by `, `. */
  codecs: Readonly<Record<string, string>>
}

/** The row of a file. Of two that measure one file at the same time the first stays. */
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

/** Parameters of one statement that both databases certainly take. */
const PATHS_PER_QUERY = 500

/** The sizes of those files that were measured, by path. */
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
