import 'server-only'
import type { CopiedTable } from '../copied-tables'

/** Integers are exact whatever their size. Bytes are found only where another program put them into a text column. */
export type CopyValue = null | bigint | string | Uint8Array
/** In the order of the columns that the caller names. */
export type CopyRow = readonly CopyValue[]
export type Column = { name: string; kind: 'integer' | 'text' }

/** What a database is to a copy into it. `mark`: of the copy that is under way. */
export type TargetState = { kind: 'unused' } | { kind: 'begun'; mark: string } | { kind: 'used'; table: string }

/** A database that is copied, or copied into. While it is open no process of Lakeshore can open it. */
export type CopyEndpoint = {
  kind: 'sqlite' | 'postgres'
  /** For people, without what could be a secret. */
  name: string
  /** In the order of their names; empty where the table is not there. */
  readColumns(table: CopiedTable): Promise<Column[]>
  /** Rows in the order of the key, a few at a time. @param after a key: only what comes behind it */
  readRows(table: CopiedTable, columns: readonly Column[], after?: CopyRow | null): AsyncIterable<CopyRow[]>
  readLastKey(table: CopiedTable, columns: readonly Column[]): Promise<CopyRow | null>
  /** The bytes of texts that are not what UTF-8 says. @returns whether this value is one */
  isDamagedText(table: CopiedTable, column: string, key: CopyRow): Promise<boolean>
  close(): Promise<void>
}

export type CopyTarget = CopyEndpoint & {
  readState(): Promise<TargetState>
  /** Makes the tables where they are missing. */
  prepare(): Promise<void>
  /** Leaves a mark among the migrations: from then on only a copy opens the database. */
  writeMark(mark: string): Promise<void>
  /** In one transaction. */
  insert(table: CopiedTable, columns: readonly Column[], rows: readonly CopyRow[]): Promise<void>
  /** Replaces the mark by these migrations and makes the next entry of the audit follow the last one, in one transaction. */
  finish(columns: readonly Column[], migrations: readonly CopyRow[]): Promise<void>
}
