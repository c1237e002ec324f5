import { propertyValue } from './property-value'

export const GC_ENABLED_PROPERTY = 'gc.enabled'

/** Whether files of the table may be removed. When it is off, other tables may use them. */
export function isGcEnabled(properties: Readonly<Record<string, string>>): boolean {
  return propertyValue(properties, GC_ENABLED_PROPERTY)?.toLowerCase() !== 'false'
}
