/** The inputs that decide which rows a data file has: its location, and the delete files that apply to it. */
export type ComparedFile = {
  path: string
  deletes: readonly { path: string; contentOffset: number | null }[]
}

export type DifferingFiles<Before, After> = {
  onlyBefore: Before[]
  onlyAfter: After[]
  /** Files of the second list that the first has with the same deletes: their rows are the same. */
  shared: After[]
}

/**
 * The files that only one of two snapshots has, in their order. A file whose deletes differ is on both sides. A file that a
 * snapshot lists twice counts twice.
 */
export function findDifferingFiles<Before extends ComparedFile, After extends ComparedFile>(
  before: readonly Before[],
  after: readonly After[],
): DifferingFiles<Before, After> {
  const unmatched = new Map<string, number>()
  for (const file of before) {
    const key = fileKey(file)
    unmatched.set(key, (unmatched.get(key) ?? 0) + 1)
  }
  const [onlyAfter, shared]: [After[], After[]] = [[], []]
  for (const file of after) {
    const key = fileKey(file)
    const count = unmatched.get(key) ?? 0
    if (count === 0) onlyAfter.push(file)
    else {
      shared.push(file)
      unmatched.set(key, count - 1)
    }
  }
  const onlyBefore: Before[] = []
  // The last of several equal ones remain, so that the first are shared on both sides.
  for (const file of before.toReversed()) {
    const key = fileKey(file)
    const count = unmatched.get(key) ?? 0
    if (count === 0) continue
    onlyBefore.push(file)
    unmatched.set(key, count - 1)
  }
  return { onlyBefore: onlyBefore.reverse(), onlyAfter, shared }
}

/** Several deletion vectors can be in one file, at different offsets. */
function fileKey({ path, deletes }: ComparedFile): string {
  if (deletes.length === 0) return path
  return JSON.stringify([path, ...deletes.map((one) => [one.path, one.contentOffset]).sort(comparePairs)])
}

type Pair = readonly (string | number | null)[]

function comparePairs([pathA, offsetA]: Pair, [pathB, offsetB]: Pair): number {
  if (pathA !== pathB) return String(pathA) < String(pathB) ? -1 : 1
  return Number(offsetA ?? -1) - Number(offsetB ?? -1)
}
