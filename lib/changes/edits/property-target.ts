/** The target of every intent that sets or removes this property. */
export function propertyTarget(key: string): string {
  return `property ${key}`
}
