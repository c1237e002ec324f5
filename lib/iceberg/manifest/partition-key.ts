import { toHex } from '../schema/byte-text'
import type { Value } from '../schema/types'
import type { DataFile } from './manifest'

/** Equal for files of one partition: of the same spec with the same values. */
export function partitionKey({ specId, partition }: Pick<DataFile, 'specId' | 'partition'>): string {
  return JSON.stringify([specId, ...partition.map(partitionValueKey)])
}

/** Equal for equal values only: −0.0 is not 0.0. */
export function partitionValueKey(value: Value | null): string | null {
  if (value === null) return null
  if (value instanceof Uint8Array) return `bytes ${toHex(value)}`
  return `${typeof value} ${Object.is(value, -0) ? '-0' : String(value)}`
}
