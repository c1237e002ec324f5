import { AppError } from '@/lib/errors'
import { parseNameMapping } from './name-mapping'
import { tagsProblem } from './about'
import { MAX_INT } from './catalogue/property-entry'
import { findProperty } from './table-properties'
import { RULE_PREFIX, ruleProblem } from './value-rules'

/** Why a value cannot be set for a property, in words for people; null if it can. */
export function propertyValueProblem(name: string, value: string): string | null {
  if (value.includes('\0')) return 'should be text without a zero character, which databases cannot store'
  const values = findProperty(name)?.values ?? { kind: 'text' }
  switch (values.kind) {
    case 'text':
      return null
    case 'boolean':
      return value === 'true' || value === 'false' ? null : 'should be true or false'
    case 'choice':
      return values.choices.includes(value) ? null : `should be one of ${values.choices.join(', ')}`
    case 'integer':
      return integerProblem(value, values)
    case 'tags':
      return tagsProblem(value)
    case 'name-mapping':
      return nameMappingProblem(value)
    case 'value-rule':
      return ruleProblem(name.slice(RULE_PREFIX.length), value)
    case 'share':
      return /^0?\.\d+$/.test(value) && Number(value) > 0 ? null : 'should be above 0 and below 1'
    case 'metrics-mode':
      return /^(none|counts|full|truncate\([1-9]\d{0,5}\))$/.test(value)
        ? null
        : 'should be none, counts, full or truncate(length)'
  }
}

function nameMappingProblem(value: string): string | null {
  try {
    parseNameMapping(value)
    return null
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return 'should be a name mapping as the Iceberg specification writes it, such as [{"field-id": 1, "names": ["id"]}]'
  }
}

function integerProblem(value: string, { min, max }: { min: number; max: number | null }): string | null {
  const number = Number(value)
  const limit = max ?? Number.MAX_SAFE_INTEGER
  const isWhole = /^-?\d+$/.test(value)
  if (isWhole && number >= min && number <= limit) return null
  // The limit of a numeric type does not help a user who wrote a word.
  if (max === null || max === MAX_INT)
    return isWhole && number > limit ? `should be at most ${limit}` : `should be a whole number, at least ${min}`
  return `should be a whole number from ${min} to ${max}`
}
