import 'server-only'

/** Which properties of a namespace an update sets, takes away, and would take away were they there. */
export function changedProperties(
  before: Readonly<Record<string, string>>,
  { updates, removals }: { updates: Readonly<Record<string, string>>; removals: readonly string[] },
): { updated: string[]; removed: string[]; missing: string[] } {
  const asked = [...new Set(removals)]
  return {
    updated: Object.keys(updates),
    removed: asked.filter((key) => Object.hasOwn(before, key)),
    missing: asked.filter((key) => !Object.hasOwn(before, key)),
  }
}
