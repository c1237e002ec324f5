import { parse } from 'yaml'
import { AppError } from '@/lib/errors'

/** The bound on aliases stops files that expand without end. */
const MAX_ALIASES = 100

/**
 * The value of a YAML text. Integers that a double cannot hold stay exact.
 *
 * @throws {AppError} invalid-request with the position
 */
export function parseDeclarationYaml(text: string): unknown {
  try {
    return toPlainIntegers(parse(text, { intAsBigInt: true, maxAliasCount: MAX_ALIASES }))
  } catch (cause) {
    throw new AppError(
      'invalid-request',
      `This is no YAML: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    )
  }
}

function toPlainIntegers(value: unknown): unknown {
  if (typeof value === 'bigint') return BigInt.asIntN(53, value) === value ? Number(value) : value
  if (Array.isArray(value)) return value.map(toPlainIntegers)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toPlainIntegers(member)]))
}
