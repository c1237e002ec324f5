import { tagsProblem } from './about'
import { findProperty } from './table-properties'

/** Why a value cannot be set for a property, in words for people; null if it can. */
export function propertyValueProblem(name: string, value: string): string | null {
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
    case 'share':
      return /^0?\.\d+$/.test(value) && Number(value) > 0 ? null : 'should be above 0 and below 1'
    case 'metrics-mode':
      return /^(none|counts|full|truncate\([1-9]\d{0,5}\))$/.test(value)
        ? null
        : 'should be none, counts, full or truncate(length)'
  }
}

function integerProblem(value: string, { min, max }: { min: number; max: number | null }): string | null {
  const number = Number(value)
  const isInRange = Number.isSafeInteger(number) && number >= min && (max === null || number <= max)
  const isWhole = /^-?\d+$/.test(value)
  if (isWhole && isInRange) return null
  if (isWhole && max === null && number > Number.MAX_SAFE_INTEGER) return `should be at most ${Number.MAX_SAFE_INTEGER}`
  return max === null ? `should be a whole number, at least ${min}` : `should be a whole number from ${min} to ${max}`
}
