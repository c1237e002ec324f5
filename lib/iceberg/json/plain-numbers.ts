import type { Json } from './json'
import { JsonNumber } from './json-number'

/**
 * JSON that can be posted to another thread. A fraction with more digits than a double has is the default of a float or
 * double, which has the nearest double.
 */
export function toPlainNumbers(json: Json): Json {
  if (json instanceof JsonNumber) return Number(json.text)
  if (json === null || typeof json !== 'object') return json
  if (Array.isArray(json)) return (json as readonly Json[]).map(toPlainNumbers)
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, toPlainNumbers(value)]))
}
