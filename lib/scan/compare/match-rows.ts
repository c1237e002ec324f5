/** 32-bit words of a hash. */
export const HASH_WORDS = 4

/** The rows of both sides: those before from 0 on, those after behind them. */
export type HashedRows = {
  beforeCount: number
  afterCount: number
  /** {@link HASH_WORDS} of each row's key; null compares rows as a multiset. */
  keys: Uint32Array | null
  /** {@link HASH_WORDS} of each row's values. */
  values: Uint32Array
}

export const CHANGE_KINDS = ['in', 'out', 'changed'] as const
export type ChangeKind = (typeof CHANGE_KINDS)[number]

/** Rows that differ, in the order in which they are shown. */
export type RowChanges = {
  count: number
  /** Indexes of {@link CHANGE_KINDS}. */
  kinds: Uint8Array
  /** The row on each side, counted from 0; −1 if the side does not have it. */
  beforeRows: Int32Array
  afterRows: Int32Array
}

export type MatchedRows = RowChanges & {
  inCount: number
  outCount: number
  changedCount: number
  sameCount: number
  /** Keys that more than one row of a side has. */
  repeatedKeyCount: number
}

const [UNMATCHED, SAME, CHANGED] = [0, 1, 2]
const [IN, OUT, DIFFERENT] = [0, 1, 2]

/**
 * Pairs rows by their keys. Rows with equal values are paired first. If a key is repeated and more than one row remains
 * on a side, the data does not tell which row became which: they are out and in. Without keys only equal rows are
 * paired, as often as both sides have them.
 *
 * Changes are in the order of the rows after; a row that is out stands where it was before, between its neighbors.
 */
export function matchRows(rows: HashedRows): MatchedRows {
  const total = rows.beforeCount + rows.afterCount
  const groups = groupByHash(rows.keys ?? rows.values, rows)
  const partners = new Int32Array(total).fill(-1)
  const states = new Uint8Array(total)
  const pair = (before: number, after: number, state: number) => {
    partners[before] = after
    partners[after] = before
    states[before] = state
    states[after] = state
  }
  const isSame = (a: number, b: number) => equalHashes(rows.values, a, b)
  let repeatedKeyCount = 0
  const firstOf = firstRows(groups, rows)
  for (let group = 0; group < groups.count; group++) {
    const [beforeCount, afterCount] = [groups.beforeCounts[group] ?? 0, groups.afterCounts[group] ?? 0]
    if (rows.keys !== null && (beforeCount > 1 || afterCount > 1)) repeatedKeyCount += 1
    if (beforeCount === 0 || afterCount === 0) continue
    const [before, after] = [firstOf.before[group] ?? 0, firstOf.after[group] ?? 0]
    if (beforeCount === 1 && afterCount === 1) pair(before, after, isSame(before, after) ? SAME : CHANGED)
    else pairRepeated(listOf(firstOf.next, before), listOf(firstOf.next, after), rows.values, pair)
  }
  return { ...listChanges(rows, partners, states), repeatedKeyCount }
}

type Groups = { count: number; groupOf: Int32Array; beforeCounts: Int32Array; afterCounts: Int32Array }

/** Gives rows with equal hashes the same number. */
function groupByHash(hashes: Uint32Array, { beforeCount, afterCount }: HashedRows): Groups {
  const total = beforeCount + afterCount
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, total) * 1.5))
  const mask = size - 1
  // A group plus one; 0 is an empty slot.
  const slots = new Int32Array(size)
  const groupOf = new Int32Array(total)
  const [firstRow, beforeCounts, afterCounts] = [new Int32Array(total), new Int32Array(total), new Int32Array(total)]
  let count = 0
  for (let row = 0; row < total; row++) {
    let slot = (hashes[row * HASH_WORDS] ?? 0) & mask
    let group = (slots[slot] ?? 0) - 1
    while (group >= 0 && !equalHashes(hashes, firstRow[group] ?? 0, row)) {
      slot = (slot + 1) & mask
      group = (slots[slot] ?? 0) - 1
    }
    if (group < 0) {
      group = count++
      slots[slot] = group + 1
      firstRow[group] = row
    }
    groupOf[row] = group
    const counts = row < beforeCount ? beforeCounts : afterCounts
    counts[group] = (counts[group] ?? 0) + 1
  }
  return { count, groupOf, beforeCounts, afterCounts }
}

function equalHashes(hashes: Uint32Array, a: number, b: number): boolean {
  for (let i = 0; i < HASH_WORDS; i++) if (hashes[a * HASH_WORDS + i] !== hashes[b * HASH_WORDS + i]) return false
  return true
}

/** The first row of each group on each side, and the next row of the same group and side; −1 after the last. */
function firstRows(
  { count, groupOf }: Groups,
  { beforeCount, afterCount }: HashedRows,
): { before: Int32Array; after: Int32Array; next: Int32Array } {
  const [before, after] = [new Int32Array(count).fill(-1), new Int32Array(count).fill(-1)]
  const next = new Int32Array(beforeCount + afterCount)
  for (let row = next.length - 1; row >= 0; row--) {
    const [heads, group] = [row < beforeCount ? before : after, groupOf[row] ?? 0]
    next[row] = heads[group] ?? -1
    heads[group] = row
  }
  return { before, after, next }
}

function listOf(next: Int32Array, first: number): number[] {
  const rows: number[] = []
  for (let row = first; row >= 0; row = next[row] ?? -1) rows.push(row)
  return rows
}

function pairRepeated(
  beforeRows: readonly number[],
  afterRows: readonly number[],
  values: Uint32Array,
  pair: (before: number, after: number, state: number) => void,
): void {
  const byValues = new Map<string, { rows: number[]; used: number }>()
  for (const row of beforeRows) {
    const key = hashText(values, row)
    const known = byValues.get(key)
    if (known) known.rows.push(row)
    else byValues.set(key, { rows: [row], used: 0 })
  }
  const afterLeft = afterRows.filter((row) => {
    const equal = byValues.get(hashText(values, row))
    const before = equal?.rows[equal.used]
    if (!equal || before === undefined) return true
    equal.used += 1
    pair(before, row, SAME)
    return false
  })
  const [afterRow] = afterLeft
  if (afterRow === undefined || afterLeft.length > 1) return
  const beforeLeft = [...byValues.values()].flatMap(({ rows, used }) => rows.slice(used))
  const [beforeRow] = beforeLeft
  if (beforeRow !== undefined && beforeLeft.length === 1) pair(beforeRow, afterRow, CHANGED)
}

function hashText(hashes: Uint32Array, row: number): string {
  return hashes.subarray(row * HASH_WORDS, (row + 1) * HASH_WORDS).join(' ')
}

function listChanges(
  { beforeCount, afterCount }: HashedRows,
  partners: Int32Array,
  states: Uint8Array,
): Omit<MatchedRows, 'repeatedKeyCount'> {
  let [inCount, outCount, changedCount, sameCount] = [0, 0, 0, 0]
  for (let row = 0; row < beforeCount; row++) if (states[row] === UNMATCHED) outCount += 1
  for (let row = beforeCount; row < beforeCount + afterCount; row++) {
    if (states[row] === UNMATCHED) inCount += 1
    else if (states[row] === CHANGED) changedCount += 1
    else sameCount += 1
  }
  const count = inCount + outCount + changedCount
  const kinds = new Uint8Array(count)
  const [beforeRows, afterRows] = [new Int32Array(count), new Int32Array(count)]
  let at = 0
  const add = (kind: number, before: number, after: number) => {
    kinds[at] = kind
    beforeRows[at] = before
    afterRows[at++] = after
  }
  let nextBefore = 0
  const addOutUntil = (end: number) => {
    for (; nextBefore < end; nextBefore++) if (states[nextBefore] === UNMATCHED) add(OUT, nextBefore, -1)
  }
  for (let after = 0; after < afterCount; after++) {
    const row = beforeCount + after
    const before = partners[row] ?? -1
    if (before >= 0) addOutUntil(before)
    if (states[row] === UNMATCHED) add(IN, -1, after)
    else if (states[row] === CHANGED) add(DIFFERENT, before, after)
  }
  addOutUntil(beforeCount)
  return { count, kinds, beforeRows, afterRows, inCount, outCount, changedCount, sameCount }
}
