import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import { AppError } from '@/lib/errors'
import type { LineOf } from './declaration-text'

/** The bound on aliases stops files that expand without end. */
const MAX_ALIASES = 100
const MAX_DEPTH = 200

/** A value, and the lines of its parts. */
export type ParsedYaml = { value: unknown; lineOf: LineOf }

/**
 * The value of a YAML text. Integers that a double cannot hold stay exact.
 *
 * @throws {AppError} invalid-request with the position
 */
export function parseDeclarationYaml(text: string): ParsedYaml {
  const lineCounter = new LineCounter()
  try {
    const document = parseDocument(text, { intAsBigInt: true, lineCounter })
    const [error] = document.errors
    if (error !== undefined) throw error
    const value = toPlainIntegers(document.toJS({ maxAliasCount: MAX_ALIASES }), [])
    return { value, lineOf: (path) => lineOfPath(document, lineCounter, path) }
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError(
      'invalid-request',
      `This is no YAML: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    )
  }
}

/** Of the last step of a path that is in the text. */
function lineOfPath(document: Document, lineCounter: LineCounter, path: readonly PropertyKey[]): number | null {
  let node: unknown = document.contents
  let offset: number | null = null
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step))
      if (pair === undefined) break
      offset = startOf(pair.key) ?? offset
      node = pair.value
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step]
      offset = startOf(node) ?? offset
    } else break
  }
  return offset === null ? null : lineCounter.linePos(offset).line
}

function startOf(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null
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
