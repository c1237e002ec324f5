import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import { DamagedParquet } from '@/lib/parquet/errors'
import type { ReserveMemory } from '@/lib/parquet/values'
import { isValid, type Vector } from './vector'

/** Where the rows of a data file come from: what its table knows about it and every row of it can show. */
export type FileOrigin = {
  path: string
  /** Data sequence number. */
  sequenceNumber: number
  /** The row id of the file's first row; null before format v3 assigns one. */
  firstRowId: string | null
}

/**
 * Columns that every table has in addition to its own.
 *
 * Spec: Iceberg table spec, *Reserved Field IDs* and *Row Lineage*.
 */
export const ROW_ID = metadataField(2_147_483_540, '_row_id', 'long')
export const LAST_UPDATED_SEQUENCE_NUMBER = metadataField(2_147_483_539, '_last_updated_sequence_number', 'long')
export const FILE_PATH = metadataField(2_147_483_646, '_file', 'string')
export const ROW_POSITION = metadataField(2_147_483_645, '_pos', 'long')

export const METADATA_FIELDS: readonly NestedField[] = [ROW_ID, LAST_UPDATED_SEQUENCE_NUMBER, FILE_PATH, ROW_POSITION]

function metadataField(id: number, name: string, type: Type): NestedField {
  return { id, name, required: false, type }
}

/**
 * A metadata column of some rows of a file. A lineage value that the file has stays; others are inherited from the
 * file. Files without row ids have no lineage.
 *
 * @param stored the column of that field id in the file
 * @param firstPosition of the rows, in the file
 * @returns null if the field is not a metadata column
 * @throws {DamagedParquet} if row ids would exceed 64 bits
 */
export function readMetadataColumn(
  field: NestedField,
  stored: Vector,
  origin: FileOrigin | undefined,
  { firstPosition, reserveMemory }: { firstPosition: number; reserveMemory: ReserveMemory },
): Vector | null {
  const { length } = stored
  switch (field.id) {
    case FILE_PATH.id:
      return { kind: 'constant', length, value: requireOrigin(origin).path }
    case ROW_POSITION.id:
      return countFrom(BigInt(firstPosition), length, reserveMemory)
    case LAST_UPDATED_SEQUENCE_NUMBER.id: {
      const { firstRowId, sequenceNumber } = requireOrigin(origin)
      if (firstRowId === null) return stored
      const inherited = BigInt(sequenceNumber)
      if (stored.kind === 'constant') return { kind: 'constant', length, value: stored.value ?? inherited }
      return replaceNulls(stored, () => inherited, reserveMemory)
    }
    case ROW_ID.id: {
      const { firstRowId } = requireOrigin(origin)
      if (firstRowId === null) return stored
      const first = BigInt(firstRowId) + BigInt(firstPosition)
      if (stored.kind === 'constant' && stored.value === null) return countFrom(first, length, reserveMemory)
      return replaceNulls(stored, (i) => first + BigInt(i), reserveMemory)
    }
    default:
      return null
  }
}

function requireOrigin(origin: FileOrigin | undefined): FileOrigin {
  if (!origin) throw new Error('the origin of a data file is not known')
  return origin
}

function countFrom(first: bigint, length: number, reserveMemory: ReserveMemory): Vector {
  requireLong(first + BigInt(length))
  reserveMemory(8 * length)
  const data = new BigInt64Array(length)
  for (let i = 0; i < length; i++) data[i] = first + BigInt(i)
  return { kind: 'int64', length, validity: null, data }
}

function replaceNulls(stored: Vector, valueAt: (index: number) => bigint, reserveMemory: ReserveMemory): Vector {
  if (stored.kind !== 'int64' || stored.validity === null) return stored
  const { length, validity } = stored
  requireLong(valueAt(length))
  reserveMemory(8 * length)
  const data = stored.data.slice()
  for (let i = 0; i < length; i++) if (!isValid(validity, i)) data[i] = valueAt(i)
  return { kind: 'int64', length, validity: null, data }
}

function requireLong(value: bigint): void {
  if (value >= 2n ** 63n) throw new DamagedParquet('its row ids do not fit in 64 bits')
}
