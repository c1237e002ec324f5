const COLLATOR = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

/** The order in which lists sort texts, in the browser and on the server: `file 10` comes after `file 9`. */
export function compareNaturally(a: string, b: string): number {
  return COLLATOR.compare(a, b)
}
