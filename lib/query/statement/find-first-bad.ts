/** Whether a condition is true at a snapshot; `failed` if the test had an error. */
export type Verdict = 'good' | 'bad' | 'failed'

export type SearchOutcome =
  /** The first snapshot at which the condition is false, after one at which it is true. */
  | { kind: 'found'; firstBad: number; lastGood: number }
  /** As `found`, but at the snapshots between them the test failed. */
  | { kind: 'narrowed'; firstBad: number; lastGood: number }
  /** `index` is the last snapshot that could be tested. */
  | { kind: 'good-at-end'; index: number }
  /** `index` is the first snapshot that could be tested. */
  | { kind: 'bad-from-start'; index: number }
  /** The test failed at too many snapshots. */
  | { kind: 'unknown' }

/**
 * Finds the snapshot at which a condition became false, by a binary search. It assumes one change from true to false:
 * that the condition is true up to some snapshot and never after it.
 *
 * @param count of snapshots, the oldest first
 * @param test is called one at a time, with an index, at most once for each
 */
export async function findFirstBad(count: number, test: (index: number) => Promise<Verdict>): Promise<SearchOutcome> {
  const verdicts = new Map<number, Verdict>()
  const testOnce = async (index: number): Promise<Verdict> => {
    const verdict = verdicts.get(index) ?? (await test(index))
    verdicts.set(index, verdict)
    return verdict
  }
  const newest = await nearestVerdict(count - 1, { from: 0, to: count - 1 }, testOnce)
  if (newest === null) return { kind: 'unknown' }
  if (newest.verdict === 'good') return { kind: 'good-at-end', index: newest.index }
  const oldest = await nearestVerdict(0, { from: 0, to: newest.index - 1 }, testOnce)
  if (oldest === null) return { kind: 'bad-from-start', index: newest.index }
  if (oldest.verdict === 'bad') return { kind: 'bad-from-start', index: oldest.index }
  let [lastGood, firstBad] = [oldest.index, newest.index]
  while (firstBad - lastGood > 1) {
    const middle = Math.floor((lastGood + firstBad) / 2)
    const tested = await nearestVerdict(middle, { from: lastGood + 1, to: firstBad - 1 }, testOnce)
    if (tested === null) return { kind: 'narrowed', lastGood, firstBad }
    if (tested.verdict === 'good') lastGood = tested.index
    else firstBad = tested.index
  }
  return { kind: 'found', lastGood, firstBad }
}

/** Tests every snapshot, the oldest first, and so makes no assumption. @returns every flip from good to bad */
export async function findEveryFlip(
  count: number,
  test: (index: number) => Promise<Verdict>,
): Promise<{ firstBad: number; lastGood: number }[]> {
  const flips: { firstBad: number; lastGood: number }[] = []
  let last: { index: number; verdict: Verdict } | null = null
  for (let index = 0; index < count; index++) {
    const verdict = await test(index)
    // A failed test does not decide anything about the snapshots around it.
    if (verdict === 'failed') continue
    if (verdict === 'bad' && last?.verdict === 'good') flips.push({ firstBad: index, lastGood: last.index })
    last = { index, verdict }
  }
  return flips
}

/** The verdict of the snapshot at or nearest to an index that can be tested; null if none in the range can. */
async function nearestVerdict(
  start: number,
  { from, to }: { from: number; to: number },
  test: (index: number) => Promise<Verdict>,
): Promise<{ index: number; verdict: 'good' | 'bad' } | null> {
  for (let distance = 0; distance <= to - from; distance++) {
    for (const index of distance === 0 ? [start] : [start - distance, start + distance]) {
      if (index < from || index > to) continue
      const verdict = await test(index)
      if (verdict !== 'failed') return { index, verdict }
    }
  }
  return null
}
