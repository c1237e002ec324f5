import 'server-only'
import path from 'node:path'
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import { decodeDuckdbTextsExactly } from '@/server/codecs/duckdb-texts'
import { quoteLiteral } from './column-type'

/**
 * A sandboxed DuckDB: it reads one input file, if any, and reads and writes below one folder, or two, accesses nothing else,
 * loads no extension, and its input cannot change its limits.
 */
export type DuckdbSession = {
  readonly connection: DuckDBConnection
  /** Runs one statement and returns its rows as JavaScript values. */
  rows(sql: string): Promise<Record<string, DuckDBValue>[]>
  run(sql: string): Promise<void>
  /** The completed share of the running statement, 0 to 1; null when DuckDB does not know it. */
  progress(): number | null
  close(): void
}

export type DuckdbLimits = {
  memoryMiB: number
  threads: number
  tempMiB: number
  /** Whether statements have expressions for more than 500 columns: looking for equal ones takes DuckDB seconds. */
  hasManyColumns?: boolean
}

export type SessionPaths = { inputPath: string | null; stagingDir: string; sharedDir?: string | null }

export type OpenSession = (paths: SessionPaths, limits: DuckdbLimits) => Promise<DuckdbSession>

/** A DuckDB with the limits of a session, and not restricted to its files yet. */
export type UnrestrictedDuckdb = { instance: DuckDBInstance; connection: DuckDBConnection }

export async function createDuckdb({
  threads,
  memoryMiB,
  tempMiB,
  hasManyColumns = false,
}: DuckdbLimits): Promise<UnrestrictedDuckdb> {
  decodeDuckdbTextsExactly()
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(threads),
    memory_limit: `${memoryMiB}MiB`,
  })
  const connection = await instance.connect()
  await set(connection, [
    "TimeZone = 'UTC'",
    // As an option of a new instance DuckDB 1.5 shows this limit, and does not keep to it.
    `max_temp_directory_size = '${tempMiB}MiB'`,
    // It tells files apart by path, size and a modification time that is too coarse for files that are written again
    // under the same name: it answered with bytes of the previous one.
    'enable_external_file_cache = false',
    // The memory of a sort would stay with the process while files are cut from the sorted rows.
    "allocator_flush_threshold = '16MiB'",
    "allocator_bulk_deallocation_flush_threshold = '32MiB'",
    ...(hasManyColumns ? ["disabled_optimizers = 'common_subexpressions'"] : []),
    'enable_progress_bar = true',
    'enable_progress_bar_print = false',
    'progress_bar_time = 0',
    'autoinstall_known_extensions = false',
    'autoload_known_extensions = false',
    'allow_community_extensions = false',
  ])
  return { instance, connection }
}

export const openDuckdbSession: OpenSession = async (paths, limits) => restrictDuckdb(await createDuckdb(limits), paths)

/** Makes a session of a new DuckDB. */
export async function restrictDuckdb(
  { instance, connection }: UnrestrictedDuckdb,
  { inputPath, stagingDir, sharedDir = null }: SessionPaths,
): Promise<DuckdbSession> {
  // The order matters: each setting locks the previous ones.
  await set(connection, [
    `temp_directory = ${quoteLiteral(path.join(stagingDir, 'spill'))}`,
    `allowed_paths = [${inputPath === null ? '' : quoteLiteral(inputPath)}]`,
    `allowed_directories = [${[stagingDir, ...(sharedDir === null ? [] : [sharedDir])].map(quoteLiteral).join(', ')}]`,
    'enable_external_access = false',
    'lock_configuration = true',
  ])
  return {
    connection,
    async rows(sql) {
      const reader = await connection.runAndReadAll(sql)
      return reader.getRowObjects()
    },
    async run(sql) {
      await connection.run(sql)
    },
    progress() {
      const { percentage } = connection.progress
      return percentage < 0 ? null : Math.min(1, percentage / 100)
    },
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

async function set(connection: DuckDBConnection, settings: readonly string[]): Promise<void> {
  for (const setting of settings) await connection.run(`SET ${setting}`)
}
