import { propertyValueProblem } from './property-problem'
import { secretPropertyProblem } from './secret-property'
import { isReservedProperty } from './table-properties'

/** Why a property cannot be set, as a sentence; null if it can. */
export function propertyProblem(key: string, value: string): string | null {
  if (isReservedProperty(key)) return `${key} is a field of the table’s metadata and cannot be set.`
  const problem = secretPropertyProblem(key) ?? propertyValueProblem(key, value)
  return problem === null ? null : `${key} ${problem}.`
}
