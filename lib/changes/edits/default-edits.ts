import { AppError } from '@/lib/errors'
import { parseExactJson } from '../../iceberg/json/exact-json'
import { readRequest } from '../../iceberg/json/read-request'
import type { Json } from '../../iceberg/json/json'
import { requireValidDefaults } from '../../iceberg/schema/default-value'
import type { Type } from '../../iceberg/schema/types'

/**
 * The default of a column from the text of an intent; undefined: none.
 *
 * @throws {AppError} invalid-request when the text is no JSON, or no value of the type
 */
export function readDefault(
  type: Type,
  text: string | null,
  { column, which }: { column: string; which: 'initial' | 'write' },
): Json | undefined {
  if (text === null) return undefined
  const value = readRequest(() => parseExactJson(text))
  if (value === null) {
    throw new AppError('invalid-request', `A default cannot be null: leave the ${which} default out.`)
  }
  const name = which === 'initial' ? 'initialDefault' : 'writeDefault'
  requireValidDefaults({ id: 0, name: column, required: false, type, [name]: value }, column)
  return value
}
