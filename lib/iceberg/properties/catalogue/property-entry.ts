type PropertyValues =
  | { kind: 'text' }
  | { kind: 'boolean' }
  | { kind: 'choice'; choices: readonly string[] }
  /** Inclusive; null if there is no maximum. */
  | { kind: 'integer'; min: number; max: number | null }
  /** Above 0 and below 1. */
  | { kind: 'share' }
  /** `none`, `counts`, `full` or `truncate(n)`. */
  | { kind: 'metrics-mode' }
  /** Words separated by commas. */
  | { kind: 'tags' }
  /** Field ids and their names, as JSON of the Iceberg specification. */
  | { kind: 'name-mapping' }
  /** JSON of a rule for values. */
  | { kind: 'value-rule' }

/**
 * The writers whose code decides `honouredBy`: Iceberg for Java after 1.11 with Spark 4.1 and with Flink 2.1, Trino 476,
 * PyIceberg 0.12, and this version of Lakeshore.
 */
export const WRITERS = ['spark', 'flink', 'trino', 'pyiceberg', 'lakeshore'] as const
export type Writer = (typeof WRITERS)[number]

/** A property as the catalogue lists it. */
export type PropertyEntry = {
  /**
   * A name that ends in `.column.` represents one property per column: the column's name follows. So does one with
   * `<field id>`, where the column's id is. One with `<name>` represents properties that users name.
   */
  name: string
  doc: string
  /** Any text by default. */
  values?: PropertyValues
  /** The value that applies if the property is not set; none if it differs between engines or there is none. */
  default?: string
  unit?: 'bytes' | 'milliseconds' | 'rows' | 'files' | 'columns'
  /** The first release of Iceberg for Java that defines it, or of PyIceberg if that defines it alone; none until one does. */
  since?: string
  /** The writers, and readers for `read.`, that follow it. */
  honouredBy: readonly Writer[]
}

export const MIB = 1024 * 1024
export const DAY_MS = 86_400_000

/** Iceberg for Java reads most numbers as `int`, and fails with a larger one. */
export const MAX_INT = 2_147_483_647

export const COUNT: PropertyValues = { kind: 'integer', min: 0, max: MAX_INT }
export const POSITIVE_COUNT: PropertyValues = { kind: 'integer', min: 1, max: MAX_INT }
/** The others are `long` there. */
const LONG: PropertyValues = { kind: 'integer', min: 0, max: null }
export const POSITIVE_LONG: PropertyValues = { kind: 'integer', min: 1, max: null }

type EntryValues = Pick<PropertyEntry, 'values' | 'default' | 'unit'>

export const choice = (...choices: string[]): PropertyValues => ({ kind: 'choice', choices })
export const bytes = (value?: number): EntryValues => positive('bytes', value)
export const rows = (value?: number): EntryValues => positive('rows', value)

/** For a property that is a `long` in Java. */
export const longBytes = (value?: number): EntryValues => ({ ...bytes(value), values: POSITIVE_LONG })

export function milliseconds(value: number): EntryValues {
  return { values: COUNT, unit: 'milliseconds', default: String(value) }
}

/** For a property that is a `long` in Java. */
export function longMilliseconds(value: number): EntryValues {
  return { ...milliseconds(value), values: LONG }
}

export function flag(value?: 'true' | 'false'): EntryValues {
  return { values: { kind: 'boolean' }, ...(value && { default: value }) }
}

function positive(unit: 'bytes' | 'rows', value: number | undefined): EntryValues {
  return { values: POSITIVE_COUNT, unit, ...(value !== undefined && { default: String(value) }) }
}
