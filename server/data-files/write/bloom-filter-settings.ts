import 'server-only'
import { BLOOM_FILTER_PREFIXES } from '@/lib/iceberg/properties/column-properties'
import { propertyValueProblem } from '@/lib/iceberg/properties/property-problem'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { Schema, Type } from '@/lib/iceberg/schema/types'
import type { BloomFilterSize } from '@/lib/parquet/write/bloom-filter-builder'

type Properties = Readonly<Record<string, string>>

const DEFAULT_FALSE_POSITIVE_RATE = 0.01 // parquet-java's, as Iceberg has no default

/**
 * Which columns have a Bloom filter by Iceberg's properties, which name them, by field id. As in Iceberg's Java
 * library, the rate and the number of values have no effect unless the filter is enabled. A setting that cannot be used
 * is ignored: it must not keep a table from being loaded.
 *
 * @param maxBytes of one filter
 * @param warn takes a sentence about each setting that is ignored
 */
export function parseBloomFilters(
  properties: Properties,
  schema: Pick<Schema, 'fields'>,
  { maxBytes, warn }: { maxBytes: number; warn: (sentence: string) => void },
): ReadonlyMap<number, 'drop' | BloomFilterSize> {
  const enabledPrefix = BLOOM_FILTER_PREFIXES.enabled
  const byName = new Map([...indexFields(schema).values()].map(({ field, path }) => [path.join('.'), field]))
  const own = (key: string): string | null => {
    const value = propertyValue(properties, key)?.toLowerCase() ?? null
    const problem = value === null ? null : propertyValueProblem(key, value)
    if (problem === null) return value
    warn(`${key} is "${value}", but ${problem}. It is ignored.`)
    return null
  }
  return new Map(
    Object.keys(properties).flatMap((key): [number, 'drop' | BloomFilterSize][] => {
      if (!key.startsWith(enabledPrefix)) return []
      const name = key.slice(enabledPrefix.length)
      const field = byName.get(name)
      const problem = field === undefined ? 'the table has no such column' : typeProblem(field.type)
      if (field === undefined || problem !== null) {
        warn(`${key} is ignored: ${problem}.`)
        return []
      }
      const isEnabled = own(key)
      if (isEnabled !== 'true') return isEnabled === 'false' ? [[field.id, 'drop']] : []
      const rate = own(`${BLOOM_FILTER_PREFIXES.falsePositiveRate}${name}`)
      const count = own(`${BLOOM_FILTER_PREFIXES.distinctCount}${name}`)
      const falsePositiveRate = rate === null ? DEFAULT_FALSE_POSITIVE_RATE : Number(rate)
      return [[field.id, { maxBytes, falsePositiveRate, distinctCount: count === null ? null : Number(count) }]]
    }),
  )
}

function typeProblem(type: Type): string | null {
  if (typeof type !== 'string') return 'a Bloom filter covers one column, and this column is nested'
  return type === 'boolean' ? 'boolean columns have no Bloom filter' : null
}
