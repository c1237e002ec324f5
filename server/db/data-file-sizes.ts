import 'server-only'
import type { Statement } from './database'
import { openDatabase } from './open-database'

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

/** The row of a file. Of two that measure one file at the same time the first is kept. */
export function keepFileSizes(tableUuid: string, filePath: string, sizes: DataFileSizes): Statement {
  return {
    sql: `INSERT INTO data_file_sizes (file_path, table_uuid, plain_bytes, plain_source, encoded_bytes, stored_bytes,
        codecs) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (file_path) DO NOTHING`,
    params: [
      filePath,
      tableUuid,
      sizes.plainBytes,
      sizes.plainSource,
      sizes.encodedBytes,
      sizes.storedBytes,
      JSON.stringify(sizes.codecs),
    ],
  }
}

/** Parameters of one statement that SQLite certainly takes. */
const PATHS_AT_A_TIME = 500

/** Of those files that are known, by path. */
export function knownFileSizes(filePaths: readonly string[]): Map<string, DataFileSizes> {
  const known = new Map<string, DataFileSizes>()
  for (let first = 0; first < filePaths.length; first += PATHS_AT_A_TIME) {
    const paths = filePaths.slice(first, first + PATHS_AT_A_TIME)
    const rows = openDatabase().read<SizesRow>(
      `SELECT file_path, plain_bytes, plain_source, encoded_bytes, stored_bytes, codecs FROM data_file_sizes
        WHERE file_path IN (${paths.map(() => '?').join(', ')})`,
      paths,
    )
    for (const row of rows) known.set(row.file_path, toSizes(row))
  }
  return known
}

type SizesRow = {
  file_path: string
  plain_bytes: number | null
  plain_source: DataFileSizes['plainSource']
  encoded_bytes: number
  stored_bytes: number
  codecs: string
}

function toSizes(row: SizesRow): DataFileSizes {
  return {
    plainBytes: row.plain_bytes,
    plainSource: row.plain_source,
    encodedBytes: row.encoded_bytes,
    storedBytes: row.stored_bytes,
    codecs: JSON.parse(row.codecs),
  }
}
