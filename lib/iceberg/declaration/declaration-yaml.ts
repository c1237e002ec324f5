import { parse } from 'yaml'
import { AppError } from '@/lib/errors'

/** The bound on aliases stops files that expand without end. */
const MAX_ALIASES = 100
const MAX_DEPTH = 200

/**
 * The value of a YAML text. Integers that a double cannot hold stay exact.
 *
 * @throws {AppError} invalid-request with the position
 */
export function parseDeclarationYaml(text: string): unknown {
  let value: unknown
  try {
    value = parse(text, { intAsBigInt: true, maxAliasCount: MAX_ALIASES })
  } catch (cause) {
    throw new AppError(
      'invalid-request',
      `This is no YAML: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    )
  }
  return toPlainIntegers(value, [])
}

/** @param around what the value is in: an alias may lead back to it */
function toPlainIntegers(value: unknown, around: readonly unknown[]): unknown {
  if (typeof value === 'bigint') return BigInt.asIntN(53, value) === value ? Number(value) : value
  if (typeof value !== 'object' || value === null) return value
  if (around.includes(value))
    throw new AppError('invalid-request', 'An alias in the YAML leads to what it is in, so the text has no end.')
  if (around.length > MAX_DEPTH)
    throw new AppError('invalid-request', `The YAML is nested more than ${MAX_DEPTH} deep.`)
  const within = [...around, value]
  if (Array.isArray(value)) return value.map((item) => toPlainIntegers(item, within))
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toPlainIntegers(member, within)]))
}
