import 'server-only'

/** Which properties of a namespace an update sets, which it removes, and which it should remove but are missing. */
export function changedProperties(
  before: Readonly<Record<string, string>>,
  { updates, removals }: { updates: Readonly<Record<string, string>>; removals: readonly string[] },
): { updated: string[]; removed: string[]; missing: string[] } {
  const uniqueRemovals = [...new Set(removals)]
  return {
    updated: Object.keys(updates),
    removed: uniqueRemovals.filter((key) => Object.hasOwn(before, key)),
    missing: uniqueRemovals.filter((key) => !Object.hasOwn(before, key)),
  }
}
