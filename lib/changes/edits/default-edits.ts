import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import { parseExactJson } from '../../iceberg/json/exact-json'
import { readRequest } from '../../iceberg/json/read-request'
import type { Json } from '../../iceberg/json/json'
import { requireValidDefaults } from '../../iceberg/schema/default-value'
import { parsePrimitive } from '../../iceberg/schema/primitive'
import { typeLabel } from '../../iceberg/schema/type-label'
import type { Type } from '../../iceberg/schema/types'

/**
 * The default of a column from the text of an intent; undefined: none. A decimal gets all decimals of its type, as the
 * specification requires it in metadata: `7.5` is `7.50` in a `decimal(5, 2)`.
 *
 * @throws {AppError} invalid-request when the text is no JSON, or no value of the type
 */
export function readDefault(
  type: Type,
  text: string | null,
  { column, which }: { column: string; which: 'initial' | 'write' },
): Json | undefined {
  if (text === null) return undefined
  const json = readRequest(() => parseExactJson(text))
  const value = typeof json === 'string' ? padDecimal(type, json) : json
  if (value === null) {
    throw new AppError('invalid-request', `A default cannot be null: leave the ${which} default out.`)
  }
  const name = which === 'initial' ? 'initialDefault' : 'writeDefault'
  requireValidDefaults({ id: 0, name: column, required: false, type, [name]: value }, column)
  return value
}

/** @throws {AppError} invalid-request for more decimals than the type has, apart from zeros */
function padDecimal(type: Type, text: string): string {
  const primitive = typeof type === 'string' ? parsePrimitive(type) : null
  if (primitive?.kind !== 'decimal') return text
  const [, sign = '', integer, decimals = ''] = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text.trim()) ?? []
  if (integer === undefined) return text
  const { scale } = primitive
  const significant = decimals.replace(/0+$/, '')
  if (significant.length > scale)
    throw new AppError(
      'invalid-request',
      `${text} has ${formatQuantity(significant.length, 'decimal')}, but ${typeLabel(type)} has a scale of ${scale}.`,
    )
  const digits = `${integer.replace(/^0+(?=\d)/, '')}${scale === 0 ? '' : `.${significant.padEnd(scale, '0')}`}`
  return sign === '-' ? `-${digits}` : digits
}
