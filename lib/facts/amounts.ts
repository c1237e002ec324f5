/**
 * The sizes of a table that facts follow. `rows` are records in data files, `files` are data files, and `bytes` are
 * those of data and delete files. Deletes are entries of delete files and deletion vectors, not rows that they hide.
 */
export const MEASURES = ['rows', 'files', 'bytes', 'deleteFiles', 'positionDeletes', 'equalityDeletes'] as const
export type Measure = (typeof MEASURES)[number]

/** May be negative when they are a change. */
export type Amounts = Readonly<Record<Measure, number>>

/** Null: not known. */
export type KnownAmounts = Readonly<Record<Measure, number | null>>

export const ZERO: Amounts = {
  rows: 0,
  files: 0,
  bytes: 0,
  deleteFiles: 0,
  positionDeletes: 0,
  equalityDeletes: 0,
}

export const UNKNOWN: KnownAmounts = {
  rows: null,
  files: null,
  bytes: null,
  deleteFiles: null,
  positionDeletes: null,
  equalityDeletes: null,
}

export function mapMeasures<Value>(toValue: (measure: Measure) => Value): Record<Measure, Value> {
  return {
    rows: toValue('rows'),
    files: toValue('files'),
    bytes: toValue('bytes'),
    deleteFiles: toValue('deleteFiles'),
    positionDeletes: toValue('positionDeletes'),
    equalityDeletes: toValue('equalityDeletes'),
  }
}

export function addAmounts(a: Amounts, b: Amounts): Amounts {
  return mapMeasures((measure) => a[measure] + b[measure])
}

export function negate(amounts: Amounts): Amounts {
  // Never -0, which is not equal to 0 where values are compared as text.
  return mapMeasures((measure) => 0 - amounts[measure])
}

export function isZero(amounts: Amounts): boolean {
  return MEASURES.every((measure) => amounts[measure] === 0)
}
