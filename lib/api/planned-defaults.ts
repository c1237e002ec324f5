import type { SignedScanPlan } from '@/lib/contract/table/scan'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import { toPlainNumbers } from '@/lib/iceberg/json/plain-numbers'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'

/** The fields with the initial defaults of a plan, at any depth. They can be posted to a worker. */
export function addDefaults(
  fields: readonly NestedField[],
  { defaults }: Pick<SignedScanPlan, 'defaults'>,
): readonly NestedField[] {
  if (defaults.length === 0) return fields
  const byId = new Map(defaults.map(({ fieldId, value }) => [fieldId, toPlainNumbers(parseExactJson(value))]))
  const toField = (field: NestedField): NestedField => {
    const initialDefault = byId.get(field.id)
    return { ...field, type: toType(field.type), ...(initialDefault !== undefined && { initialDefault }) }
  }
  const toType = (type: Type): Type => {
    if (typeof type === 'string') return type
    switch (type.type) {
      case 'struct':
        return { ...type, fields: type.fields.map(toField) }
      case 'list':
        return { ...type, element: toType(type.element) }
      case 'map':
        return { ...type, key: toType(type.key), value: toType(type.value) }
    }
  }
  return fields.map(toField)
}
