/** One line of a diff of two texts. */
export type DiffLine = { change: 'unchanged' | 'removed' | 'added'; text: string }

/** Above this many pairs of lines, everything between the first and the last difference is shown as replaced. */
const MAX_PAIRS = 1_000_000

/** The line diff from `before` to `after` that keeps as many lines as possible. An empty text has no lines. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const oldLines = toLines(before)
  const newLines = toLines(after)
  const shorter = Math.min(oldLines.length, newLines.length)
  let headCount = 0
  while (headCount < shorter && oldLines[headCount] === newLines[headCount]) headCount += 1
  let tailCount = 0
  while (
    tailCount < shorter - headCount &&
    oldLines[oldLines.length - 1 - tailCount] === newLines[newLines.length - 1 - tailCount]
  )
    tailCount += 1
  return [
    ...toDiffLines('unchanged', oldLines.slice(0, headCount)),
    ...diffMiddle(
      oldLines.slice(headCount, oldLines.length - tailCount),
      newLines.slice(headCount, newLines.length - tailCount),
    ),
    ...toDiffLines('unchanged', oldLines.slice(oldLines.length - tailCount)),
  ]
}

/** Along a longest common subsequence; removed lines come before the added lines that replace them. */
function diffMiddle(oldLines: readonly string[], newLines: readonly string[]): DiffLine[] {
  if (oldLines.length * newLines.length > MAX_PAIRS)
    return [...toDiffLines('removed', oldLines), ...toDiffLines('added', newLines)]
  const width = newLines.length + 1
  /** At `i * width + j`: number of common lines of `old` from `i` on and `now` from `j` on. */
  const common = new Uint32Array((oldLines.length + 1) * width)
  const commonAt = (i: number, j: number) => common[i * width + j] ?? 0
  for (let i = oldLines.length - 1; i >= 0; i -= 1) {
    for (let j = newLines.length - 1; j >= 0; j -= 1) {
      common[i * width + j] =
        oldLines[i] === newLines[j] ? commonAt(i + 1, j + 1) + 1 : Math.max(commonAt(i + 1, j), commonAt(i, j + 1))
    }
  }
  const diff: DiffLine[] = []
  let j = 0
  oldLines.forEach((text, i) => {
    while (j < newLines.length && text !== newLines[j] && commonAt(i, j + 1) > commonAt(i + 1, j)) {
      diff.push({ change: 'added', text: newLines[j] ?? '' })
      j += 1
    }
    if (j < newLines.length && text === newLines[j]) {
      diff.push({ change: 'unchanged', text })
      j += 1
    } else diff.push({ change: 'removed', text })
  })
  return [...diff, ...toDiffLines('added', newLines.slice(j))]
}

function toLines(text: string): string[] {
  return text === '' ? [] : text.split('\n')
}

function toDiffLines(change: DiffLine['change'], texts: readonly string[]): DiffLine[] {
  return texts.map((text) => ({ change, text }))
}
