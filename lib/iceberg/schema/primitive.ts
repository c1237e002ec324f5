import type { PrimitiveType } from './types'

/**
 * The parameters inside a primitive type's name.
 *
 * Spec: Iceberg table spec, *Primitive Types* and appendix C, *Schemas*.
 */
export type Primitive =
  | { kind: 'decimal'; precision: number; scale: number }
  | { kind: 'fixed'; lengthBytes: number }
  | { kind: 'geometry' | 'geography' | 'unrecognized' }
  | { kind: ParameterlessKind }

const PARAMETERLESS_KINDS = [
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'timestamp_ns',
  'timestamptz_ns',
  'string',
  'uuid',
  'binary',
  'unknown',
  'variant',
] as const satisfies readonly PrimitiveType[]
type ParameterlessKind = (typeof PARAMETERLESS_KINDS)[number]

const MAX_PRECISION = 38
const MAX_FIXED_BYTES = 0x7fffffff

/** `'decimal(9, 2)'` → `{ kind: 'decimal', precision: 9, scale: 2 }`. */
export function parsePrimitive(type: PrimitiveType): Primitive {
  return tryParsePrimitive(type) ?? { kind: 'unrecognized' }
}

/** The type in normalized spelling (`'decimal(9,2)'` → `'decimal(9, 2)'`), or null when it is not a valid type. */
export function normalizePrimitiveType(text: string): PrimitiveType | null {
  const primitive = tryParsePrimitive(text)
  if (primitive === null) return null
  switch (primitive.kind) {
    case 'unrecognized':
      return null
    case 'decimal':
      return `decimal(${primitive.precision}, ${primitive.scale})`
    case 'fixed':
      return `fixed[${primitive.lengthBytes}]`
    case 'geometry':
    case 'geography':
      // Unchanged, because its parameters are case-sensitive names.
      return text as PrimitiveType
    default:
      return primitive.kind
  }
}

function tryParsePrimitive(text: string): Primitive | null {
  const parameterless = PARAMETERLESS_KINDS.find((kind) => kind === text)
  if (parameterless !== undefined) return { kind: parameterless }

  if (/^geometry(\([^)]+\))?$/.test(text)) return { kind: 'geometry' }
  if (/^geography(\([^)]+\))?$/.test(text)) return { kind: 'geography' }

  const decimal = /^decimal\(\s*(\d{1,2})\s*,\s*(\d{1,2})\s*\)$/.exec(text)
  if (decimal !== null) {
    const [precision, scale] = [Number(decimal[1]), Number(decimal[2])]
    return precision >= 1 && precision <= MAX_PRECISION && scale <= precision
      ? { kind: 'decimal', precision, scale }
      : null
  }
  const fixed = /^fixed\[\s*(\d{1,10})\s*\]$/.exec(text)
  if (fixed === null) return null
  const lengthBytes = Number(fixed[1])
  return lengthBytes >= 1 && lengthBytes <= MAX_FIXED_BYTES ? { kind: 'fixed', lengthBytes } : null
}
