import 'server-only'
import type { CopiedTable } from '../copied-tables'

/** Integers are exact at any size. Bytes occur only when another program wrote them into a text column. */
export type CopyValue = null | bigint | string | Uint8Array
/** In the order of the columns that the caller names. */
export type CopyRow = readonly CopyValue[]
export type Column = { name: string; kind: 'integer' | 'text' }

/** The state of a target before a copy. `mark`: identifies the unfinished copy. */
export type TargetState = { kind: 'unused' } | { kind: 'begun'; mark: string } | { kind: 'used'; table: string }

/** A database to copy from or into. While it is open, no process of Lakeshore can open it. */
export type CopyEndpoint = {
  kind: 'sqlite' | 'postgres'
  /** For people, without secrets. */
  name: string
  /** In order of their names; empty when the table does not exist. */
  readColumns(table: CopiedTable): Promise<Column[]>
  /** Rows in the order of the key, a few at a time. @param after a key: only rows after it */
  readRows(table: CopiedTable, columns: readonly Column[], after?: CopyRow | null): AsyncIterable<CopyRow[]>
  readLastKey(table: CopiedTable, columns: readonly Column[]): Promise<CopyRow | null>
  /** Whether the bytes of this text are not valid UTF-8. */
  isDamagedText(table: CopiedTable, column: string, key: CopyRow): Promise<boolean>
  close(): Promise<void>
}

export type CopyTarget = CopyEndpoint & {
  readState(): Promise<TargetState>
  /** Creates the tables that are missing. */
  prepare(): Promise<void>
  /** Writes a mark among the migrations: from then on only a copy opens the database. */
  writeMark(mark: string): Promise<void>
  /** In one transaction. */
  insert(table: CopiedTable, columns: readonly Column[], rows: readonly CopyRow[]): Promise<void>
  /**
   * Replaces the mark by these migrations and makes audit numbers continue after the last entry, in one transaction.
   */
  finish(columns: readonly Column[], migrations: readonly CopyRow[]): Promise<void>
}
