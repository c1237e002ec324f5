/**
 * Reads a value by a name from outside: a table's properties, a snapshot's summary. Names such as
 * `constructor` are found only if they were set, not in what every object inherits.
 *
 * @returns null if it is not set
 */
export function propertyValue<V>(properties: Readonly<Record<string, V>>, name: string): V | null {
  return Object.hasOwn(properties, name) ? (properties[name] ?? null) : null
}
