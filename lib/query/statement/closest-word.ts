/** The most letters that a misspelt word may differ in. */
const MAX_DISTANCE = 2

/** The word that a misspelt one probably means, such as `SELECT` for `SELCT`; null without one. */
export function closestWord(written: string, words: Iterable<string>): string | null {
  let closest: { word: string; distance: number } | null = null
  for (const word of words) {
    const limit = Math.min(MAX_DISTANCE, Math.floor(word.length / 3))
    if (Math.abs(word.length - written.length) > limit) continue
    const distance = editDistance(written, word)
    if (distance <= limit && (closest === null || distance < closest.distance)) closest = { word, distance }
  }
  return closest?.word ?? null
}

/** How many letters have to be added, removed, replaced or exchanged with their neighbour. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let distance = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replaced)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        distance = Math.min(distance, (beforeLast[j - 2] ?? 0) + 1)
      row.push(distance)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}
