/** There are about 600 zones. Their names ignore case, so that a client can write one in more ways than fit into memory. */
const MAX_ZONES = 1_000

/** Values that are slow to compute and follow from a time zone alone. Forgets all of them when there are too many. */
export class ZoneCache<Value> {
  readonly #byZone = new Map<string, Value>()

  /** @param compute is called when the cache has no value for the zone; its errors are not cached */
  get(timeZone: string, compute: () => Value): Value {
    const known = this.#byZone.get(timeZone)
    if (known !== undefined) return known
    const value = compute()
    if (this.#byZone.size >= MAX_ZONES) this.#byZone.clear()
    this.#byZone.set(timeZone, value)
    return value
  }
}
