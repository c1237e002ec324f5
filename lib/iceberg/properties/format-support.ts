import type { Support } from './codec-readers'

/** Whether a client reads and writes tables. */
export type AccessSupport = { read: Support; write: Support }

/** A client as the catalog knows it: an engine with its library, or a library whose engine is not known. */
export type NamedClient = { name: string | null; version: string | null; library: string | null }

/** From this version on, until the next entry. */
type Since = { since: readonly number[] } & AccessSupport

const JAVA_LIBRARY = 'Apache Iceberg'

/**
 * Whether each version of a client reads and writes tables of format version 3. A client that is not listed, or whose version is
 * older than its first entry or unknown, is unknown.
 *
 * - PyIceberg: metadata of version 3 is an unknown version up to 0.8, and read since 0.9; deletion vectors are read since
 *   0.10 (apache/iceberg-python#1554, #1516). No release up to 0.12 writes it: `write_manifest` raises *Cannot write
 *   manifest for table version: 3* (apache/iceberg-python#1551, open).
 * - Trino: release 480 accepts version 3, reads and writes its rows, defaults and deletion vectors (trinodb/trino#27786,
 *   #27837, #27788); earlier ones refuse the table.
 * - DuckDB: 1.4 reads deletion vectors and refuses to insert and update (`Insert into Iceberg V3 tables`, duckdb-iceberg
 *   branch v1.4-andium); 1.5.3 writes (duckdb.org/2026/05/29/new-iceberg-features).
 * - Lakeshore reads and writes it; Spark reads what it wrote, and the reverse (`format-v3.interop.test.ts`).
 */
const VERSION_3: Readonly<Record<string, readonly Since[]>> = {
  PyIceberg: [
    { since: [0], read: 'cannot', write: 'cannot' },
    { since: [0, 9], read: 'unknown', write: 'cannot' },
    { since: [0, 10], read: 'can', write: 'cannot' },
    { since: [0, 13], read: 'can', write: 'unknown' },
  ],
  Trino: [
    { since: [0], read: 'cannot', write: 'cannot' },
    { since: [480], read: 'can', write: 'can' },
  ],
  DuckDB: [
    { since: [1, 4], read: 'can', write: 'cannot' },
    { since: [1, 5], read: 'can', write: 'unknown' },
    { since: [1, 5, 3], read: 'can', write: 'can' },
  ],
}

/**
 * The same by the version of Iceberg's Java library, which Spark, Flink, Trino and others include: up to 1.6 it refuses
 * metadata of version 3 (`TableMetadata.SUPPORTED_TABLE_FORMAT_VERSION` is 2). Whether an engine with a later one can
 * depends on the engine: Spark preserves row lineage since 1.10 (release notes of apache/iceberg 1.10.0).
 */
const VERSION_3_IN_LIBRARY: readonly Since[] = [
  { since: [0], read: 'cannot', write: 'cannot' },
  { since: [1, 7], read: 'unknown', write: 'unknown' },
]
const VERSION_3_IN_SPARK: readonly Since[] = [...VERSION_3_IN_LIBRARY, { since: [1, 10], read: 'can', write: 'can' }]

/**
 * Version 2 by the releases that the interop tests of this repository use, and those since the release that announces it:
 * Iceberg 0.12 (its release notes), and DuckDB 1.4, which reads and inserts (duckdb.org/2025/11/28/iceberg-writes-in-duckdb).
 */
const VERSION_2: Readonly<Record<string, readonly Since[]>> = {
  PyIceberg: [{ since: [0, 12], read: 'can', write: 'can' }],
  Trino: [{ since: [476], read: 'can', write: 'can' }],
  DuckDB: [{ since: [1, 4], read: 'can', write: 'can' }],
}
const VERSION_2_IN_SPARK: readonly Since[] = [{ since: [0, 12], read: 'can', write: 'can' }]

const UNKNOWN: AccessSupport = { read: 'unknown', write: 'unknown' }

/** Whether a client can use a table after its upgrade to this format version. */
export function formatSupport(formatVersion: 2 | 3, { name, version, library }: NamedClient): AccessSupport {
  if (name === 'Lakeshore') return { read: 'can', write: 'can' }
  const byName = (formatVersion === 3 ? VERSION_3 : VERSION_2)[name ?? '']
  if (byName !== undefined) return findSupport(byName, version)
  const ofLibrary = formatVersion === 3 ? VERSION_3_IN_LIBRARY : []
  const ofSpark = formatVersion === 3 ? VERSION_3_IN_SPARK : VERSION_2_IN_SPARK
  const libraryVersion = library?.startsWith(`${JAVA_LIBRARY} `) ? library.slice(JAVA_LIBRARY.length + 1) : null
  if (name === 'Spark') return findSupport(ofSpark, libraryVersion)
  return findSupport(ofLibrary, name === JAVA_LIBRARY ? version : libraryVersion)
}

function findSupport(entries: readonly Since[], version: string | null): AccessSupport {
  const parts = /^\d+(\.\d+)*/
    .exec(version ?? '')?.[0]
    .split('.')
    .map(Number)
  if (parts === undefined) return UNKNOWN
  return entries.findLast(({ since }) => compareVersions(parts, since) >= 0) ?? UNKNOWN
}

function compareVersions(one: readonly number[], other: readonly number[]): number {
  for (let i = 0; i < Math.max(one.length, other.length); i += 1) {
    const difference = (one[i] ?? 0) - (other[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
