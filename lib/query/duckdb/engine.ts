import type { RecordBatch, Table } from 'apache-arrow'
import { ZONE_SCHEMA } from './zones/macro'

/** A running DuckDB that does one thing at a time. Its own failures are thrown with DuckDB's message. */
export type Engine = {
  /** For small results; it cannot be interrupted. */
  query(sql: string): Promise<Table>
  /** Runs a prepared statement with values for its placeholders, all of them texts. */
  runPrepared(sql: string, values: readonly string[]): Promise<void>
  /**
   * Batches as they arrive, until the reader stops or all have been read.
   *
   * @throws {AppError} cancelled within 2 s of `signal`; an engine that does not stop by then is ended
   */
  stream(sql: string, signal: AbortSignal): AsyncGenerator<RecordBatch, void>
  /**
   * Writes the rows of a SELECT to a Parquet file in the folder of the engine, and returns how many there are.
   * Absent in engines that write no files.
   *
   * @param names of the columns, all different
   */
  save?(sql: string, names: readonly string[]): Promise<number>
  /** Appends an Arrow IPC stream to a table in schema `held`, casting to its types. The buffer is transferred. */
  insert(table: string, ipc: Uint8Array): Promise<void>
  /** False after it was ended; every call is then `cancelled`. */
  readonly isRunning: boolean
  /** It has calendars and time zones itself (ICU), so statements need no macros in place of them. */
  readonly hasTimeZones?: boolean
  end(): void
}

/**
 * Isolates the engine: no extension is fetched or loaded, no file or URL is read. The schemas separate the empty tables
 * for plans (`shadow`), the loaded columns (`held`), what queries see (`lake`) and macros for time zones.
 */
export const ENGINE_SETTINGS = [
  'SET errors_as_json = true',
  'SET autoinstall_known_extensions = false',
  'SET autoload_known_extensions = false',
  'SET enable_external_access = false',
  'CREATE SCHEMA shadow',
  'CREATE SCHEMA held',
  'CREATE SCHEMA lake',
  `CREATE SCHEMA IF NOT EXISTS ${ZONE_SCHEMA}`,
]
