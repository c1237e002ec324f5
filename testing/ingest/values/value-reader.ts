import type { NestedField } from '@/lib/iceberg/schema/types'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { ReadValue } from './read-value'

/** Another engine that reads tables of the catalog. */
export type ValueReader = {
  /** All rows of a table with these columns. */
  read: (table: TableIdentifier, columns: readonly NestedField[]) => Promise<ReadValue[][]>
  /** How many rows a filter finds for each of these values. */
  count: (table: TableIdentifier, column: NestedField, texts: readonly string[]) => Promise<number[]>
  stop: () => Promise<void>
}

/** The exceptions of an engine. A test fails when a later release no longer has one. */
export type EngineGaps = {
  /** How it refuses a table with a column of a type. */
  types?: Readonly<Record<string, RegExp>>
  /** How it refuses files with a codec. */
  codecs?: Readonly<Record<string, RegExp>>
  /** The values that it reads as others, by partition fields. */
  values?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** The values that it does not find, or how it fails to look for them, by partition fields. */
  filters?: Readonly<Record<string, readonly string[] | RegExp>>
}

/** The result, or the refusal if the work is expected to fail with it and does. */
export async function orRefusal<Result>(work: Promise<Result>, refusal: RegExp | undefined): Promise<Result | RegExp> {
  if (!refusal) return work
  try {
    return await work
  } catch (error) {
    if (error instanceof Error && refusal.test(error.message)) return refusal
    throw error
  }
}
