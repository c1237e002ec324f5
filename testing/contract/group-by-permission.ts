/** Names by the permission that they need, both in alphabetical order. */
export function groupByPermission(
  needs: Iterable<{ name: string; permission: string }>,
): Record<string, readonly string[]> {
  const groups = Map.groupBy(needs, ({ permission }) => permission)
  const sorted = [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(sorted.map(([permission, group]) => [permission, group.map(({ name }) => name).toSorted()]))
}

/** For a table of permissions that someone has to look at before it changes. */
export function howToReview(what: string): string {
  return `The permissions of ${what} are not those of REVIEWED. If each difference is meant, think of who gets the right by it, and change the table in the same commit; otherwise restore the permission`
}
