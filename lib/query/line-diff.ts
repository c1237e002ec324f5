/** One line of two texts laid over each other. */
export type DiffLine = { change: 'kept' | 'removed' | 'added'; text: string }

/** Above this many pairs of lines what lies between the first and the last difference is told as replaced whole. */
const MAX_PAIRS = 1_000_000

/** What turns `before` into `after`, line by line, with as many lines kept as can be. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const old = before.split('\n')
  const now = after.split('\n')
  const shorter = Math.min(old.length, now.length)
  let head = 0
  while (head < shorter && old[head] === now[head]) head += 1
  let tail = 0
  while (tail < shorter - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1
  return [
    ...lines('kept', old.slice(0, head)),
    ...middle(old.slice(head, old.length - tail), now.slice(head, now.length - tail)),
    ...lines('kept', old.slice(old.length - tail)),
  ]
}

/** Along a longest common subsequence; what goes comes before what takes its place. */
function middle(old: readonly string[], now: readonly string[]): DiffLine[] {
  if (old.length * now.length > MAX_PAIRS) return [...lines('removed', old), ...lines('added', now)]
  const width = now.length + 1
  /** At `i * width + j`: lines in common of `old` from `i` on and `now` from `j` on. */
  const common = new Uint32Array((old.length + 1) * width)
  const commonAt = (i: number, j: number) => common[i * width + j] ?? 0
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      common[i * width + j] =
        old[i] === now[j] ? commonAt(i + 1, j + 1) + 1 : Math.max(commonAt(i + 1, j), commonAt(i, j + 1))
    }
  }
  const found: DiffLine[] = []
  let j = 0
  old.forEach((text, i) => {
    while (j < now.length && text !== now[j] && commonAt(i, j + 1) > commonAt(i + 1, j)) {
      found.push({ change: 'added', text: now[j] ?? '' })
      j += 1
    }
    if (j < now.length && text === now[j]) {
      found.push({ change: 'kept', text })
      j += 1
    } else found.push({ change: 'removed', text })
  })
  return [...found, ...lines('added', now.slice(j))]
}

function lines(change: DiffLine['change'], texts: readonly string[]): DiffLine[] {
  return texts.map((text) => ({ change, text }))
}
