import fc from 'fast-check'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'

/** The primitive types whose values compare. */
export const COMPARABLE_TYPES = [
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
  'decimal(9, 2)',
  'decimal(38, 3)',
  'string',
  'uuid',
  'fixed[3]',
  'binary',
] as const satisfies readonly PrimitiveType[]
export type ComparableType = (typeof COMPARABLE_TYPES)[number]

/** Values near each other and at the ends of a type's range, so that bounds and literals often meet. For tests. */
export function arbitraryValue(type: ComparableType): fc.Arbitrary<Value> {
  switch (type) {
    case 'boolean':
      return fc.boolean()
    case 'int':
      return fc.oneof(
        fc.integer({ min: -12, max: 12 }),
        fc.constantFrom(-(2 ** 31), 2 - 2 ** 31, 2 ** 31 - 1, 2 ** 31 - 3),
      )
    case 'date':
      return fc.oneof(fc.integer({ min: -70, max: 70 }), fc.constantFrom(-800, 800, 19_000))
    case 'long':
      return fc.oneof(
        fc.bigInt({ min: -12n, max: 12n }),
        fc.constantFrom(-(2n ** 63n), 2n - 2n ** 63n, 2n ** 63n - 1n, 2n ** 53n + 1n),
      )
    case 'float':
      return fc.constantFrom(0, -0, 1, -1, 1.5, Math.fround(0.1), Number.NaN, Infinity, -Infinity)
    case 'double':
      return fc.constantFrom(0, -0, 1, -1, 1.5, 0.1, 1e300, Number.NaN, Infinity, -Infinity)
    case 'time':
      return fc.constantFrom(0n, 1n, 3_600_000_000n, 86_399_999_999n)
    case 'timestamp':
    case 'timestamptz':
      return arbitraryInstant(1_000_000n)
    case 'timestamp_ns':
      return arbitraryInstant(1_000_000_000n)
    case 'decimal(9, 2)':
      return fc.oneof(fc.bigInt({ min: -25n, max: 25n }), fc.constantFrom(-999_999_990n, 999_999_999n, 128n, -129n))
    case 'decimal(38, 3)':
      return fc.oneof(fc.bigInt({ min: -25n, max: 25n }), fc.constantFrom(-(10n ** 37n), 10n ** 37n, 2n ** 64n))
    case 'string':
      return fc.oneof(
        fc.string({ unit: fc.constantFrom('a', 'b', '\u{ffff}', '\u{1f986}', 'ü'), maxLength: 4 }),
        fc.constantFrom('', 'ab', 'abc', 'abcd'),
      )
    case 'uuid':
      return fc.constantFrom(
        '00000000-0000-4000-8000-000000000001',
        '7fffffff-0000-4000-8000-000000000001',
        '80000000-0000-4000-8000-000000000001',
        'ffffffff-0000-4000-8000-000000000001',
      )
    case 'fixed[3]':
      return fc.uint8Array({ minLength: 3, maxLength: 3 })
    case 'binary':
      return fc.oneof(
        fc.uint8Array({ maxLength: 3 }),
        fc.constantFrom(Uint8Array.of(255, 255), Uint8Array.of(255), Uint8Array.of(0)),
      )
  }
}

/** Around the boundaries of hours, days, months and years, before and after 1970. */
function arbitraryInstant(perSecond: bigint): fc.Arbitrary<bigint> {
  const hour = 3600n * perSecond
  return fc
    .tuple(
      fc.constantFrom(0n, 1n, -1n, 24n, -24n, 744n, -744n, 8760n, -8760n),
      fc.constantFrom(-1n, 0n, 1n, 1000n, -1000n),
    )
    .map(([hours, more]) => hours * hour + more)
}
