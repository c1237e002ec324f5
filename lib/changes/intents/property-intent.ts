import type { RemoveProperty } from './remove-property/describe'
import type { SetProperty } from './set-property/describe'
import { propertyValue } from '../../iceberg/properties/property-value'
import type { Schema } from '../../iceberg/schema/types'
import { columnOfSetting } from '../edits/setting-of-column'

export type PropertyIntent = SetProperty | RemoveProperty

export type PropertiesOfTable = { schema: Pick<Schema, 'fields'>; properties: Readonly<Record<string, string>> }

/**
 * The intent that changes a property to a new value, where null means not set. Null when the value stays. The schema
 * names the column of a property whose key has only its id.
 */
export function intentFor(
  { schema, properties }: PropertiesOfTable,
  key: string,
  newValue: string | null,
): PropertyIntent | null {
  const base = propertyValue(properties, key)
  if (newValue === base) return null
  const path = columnOfSetting(schema, key)
  const column = path && { column: path }
  return newValue === null
    ? { kind: 'remove-property', key, base, ...column }
    : { kind: 'set-property', key, value: newValue, base, ...column }
}
