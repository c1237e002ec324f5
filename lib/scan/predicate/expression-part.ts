import { AppError } from '@/lib/errors'
import type { Json } from '@/lib/iceberg/json/json'
import { JsonNumber } from '@/lib/iceberg/json/json-number'

/** Parts of an expression as JSON, and the errors that name them by their path, such as `left.right.value`. */

/** The expected form of a filter on the wire. */
export const EXPECTED_JSON =
  'A filter is JSON of an Expression of Iceberg’s REST catalog, such as {"type": "gt", "left": {"type": "reference", "name": "delay"}, "right": 60}.'

export function pathTo(path: string, member: string): string {
  return path === '' ? member : `${path}.${member}`
}

export function partError(path: string, problem: string): AppError {
  const part = path === '' ? 'The filter' : `The part ${path} of the filter`
  return new AppError('invalid-request', `${part} ${problem}. ${EXPECTED_JSON}`, { facts: { part: path } })
}

export function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json) && !(json instanceof JsonNumber)
}
