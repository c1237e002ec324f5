/**
 * Which parts of a chart are hidden after a click on one in its legend. While all are shown, a click keeps only that
 * part; then clicks add further ones and take them away, and a click on the last one shows all again.
 */
export function nextHidden(keys: readonly string[], hidden: ReadonlySet<string>, key: string): string[] {
  const shown = keys.filter((one) => !hidden.has(one))
  if (shown.length === keys.length) return keys.filter((one) => one !== key)
  if (hidden.has(key)) return keys.filter((one) => hidden.has(one) && one !== key)
  return shown.length === 1 ? [] : keys.filter((one) => hidden.has(one) || one === key)
}

/** The effect of the click, for the tooltip. */
export function clickText(keys: readonly string[], hidden: ReadonlySet<string>, key: string): string {
  const shown = keys.filter((one) => !hidden.has(one))
  if (shown.length === keys.length) return 'show only this'
  if (hidden.has(key)) return 'show this, too'
  return shown.length === 1 ? 'show all' : 'hide this'
}
