import 'server-only'
import type { Json } from '@/lib/iceberg/json/json'
import { isJsonObject } from '@/lib/iceberg/json/json-object'

/**
 * Whether the `read-restrictions` of a load response restrict what the caller may read. Lakeshore applies no
 * restriction, so it only has to know whether there is one: anything that the specification does not call unrestricted
 * is restricted, such as an unknown field, or a list where an object belongs.
 *
 * Spec: REST `open-api`, schema `ReadRestrictions`: "A missing or empty ReadRestrictions object imposes no
 * restrictions"; `required-column-projections`: "If absent or empty, no required actions apply"; `required-row-filter`:
 * "If this property is absent, null, or always true then no mandatory filtering is required".
 *
 * @param restrictions null if absent
 */
export function restrictsReads(restrictions: Json): boolean {
  if (restrictions === null) return false
  if (!isJsonObject(restrictions)) return true
  return Object.entries(restrictions).some(([name, value]) => value !== null && !isUnrestricted(name, value))
}

function isUnrestricted(name: string, value: Json): boolean {
  switch (name) {
    case 'required-column-projections':
      return Array.isArray(value) && value.length === 0
    case 'required-row-filter':
      return value === true || isDeprecatedTrue(value)
    default:
      return false
  }
}

/** Schema `TrueExpression`. Other expressions may be always true as well, but only evaluating them would tell. */
function isDeprecatedTrue(value: Json): boolean {
  return isJsonObject(value) && value['type'] === 'true' && Object.keys(value).length === 1
}
