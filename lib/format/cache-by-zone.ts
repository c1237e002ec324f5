/** There are about 600 zones. Their names ignore case, so that a client can write one in more ways than fit into memory. */
const MAX_ZONES = 1_000

/**
 * Remembers values that are slow to compute and follow from a time zone alone, and forgets all of them when there are too
 * many. What `compute` throws is not remembered.
 */
export function cacheByZone<Value>(compute: (timeZone: string) => Value): (timeZone: string) => Value {
  const byZone = new Map<string, Value>()
  return (timeZone) => {
    const known = byZone.get(timeZone)
    if (known !== undefined) return known
    const value = compute(timeZone)
    if (byZone.size >= MAX_ZONES) byZone.clear()
    byZone.set(timeZone, value)
    return value
  }
}
