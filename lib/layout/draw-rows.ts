/**
 * Rows of a table, each drawn independently with the same chance, ascending; one may be drawn twice. The same text draws
 * the same rows.
 */
export function drawRows(seedText: string, rowCount: number, drawCount: number): Float64Array {
  if (rowCount === 0) return new Float64Array(0)
  const next = createRandom(seedText)
  return Float64Array.from({ length: drawCount }, () => Math.floor(next() * rowCount)).sort()
}

/** Mulberry32 twice, for the 53 bits of a double. */
function createRandom(seedText: string): () => number {
  let state = 0x9e3779b9
  for (let i = 0; i < seedText.length; i += 1) state = Math.imul(state ^ seedText.charCodeAt(i), 0x01000193)
  const next32 = () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return (bits ^ (bits >>> 14)) >>> 0
  }
  return () => ((next32() >>> 5) * 2 ** 26 + (next32() >>> 6)) / 2 ** 53
}
