import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import { ValidityBuilder, type Vector } from '@/lib/scan/read/vector'

/** The vector that a reader returns for a column of these values. For tests. */
export function toVector(type: PrimitiveType, values: readonly (Value | null)[]): Vector {
  const length = values.length
  const builder = new ValidityBuilder(length)
  values.forEach((value, i) => {
    if (value === null) builder.setNull(i)
  })
  const validity = builder.finish()
  const numbers = values.map((value) => Number(value ?? 0))
  const bigints = values.map((value) => BigInt(typeof value === 'bigint' ? value : 0))
  switch (type) {
    case 'boolean':
      return { kind: 'boolean', length, validity, data: Uint8Array.from(numbers) }
    case 'int':
    case 'date':
      return { kind: 'int32', length, validity, data: Int32Array.from(numbers) }
    case 'float':
      return { kind: 'float32', length, validity, data: Float32Array.from(numbers) }
    case 'double':
      return { kind: 'float64', length, validity, data: Float64Array.from(numbers) }
    default:
      break
  }
  if (type.startsWith('decimal')) {
    const data = BigInt64Array.from(bigints.flatMap((value) => [BigInt.asIntN(64, value), value >> 64n]))
    return { kind: 'int128', length, validity, data }
  }
  if (type === 'long' || type.startsWith('time'))
    return { kind: 'int64', length, validity, data: BigInt64Array.from(bigints) }
  const parts = values.map((value) => (value === null ? new Uint8Array() : encodeSingleValue(type, value)))
  const offsets = new Int32Array(length + 1)
  parts.forEach((part, i) => (offsets[i + 1] = (offsets[i] ?? 0) + part.length))
  const bytes = Uint8Array.from(parts.flatMap((part) => [...part]))
  return { kind: 'bytes', length, validity, offsets, bytes }
}
