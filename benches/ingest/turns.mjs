/**
 * Sides take turns, each of them first equally often, after a turn that is not counted.
 *
 * @param sides each measures one or more times in milliseconds, by name
 * @returns {Promise<Record<string, number[]>>} all times by name
 */
export async function takeTurns(sides, rounds) {
  const timings = {}
  for (let turn = -1; turn < rounds; turn += 1) {
    const first = (turn + 1) % sides.length
    for (const side of [...sides.slice(first), ...sides.slice(0, first)]) {
      const measured = await side(turn)
      if (turn >= 0) for (const [name, ms] of Object.entries(measured)) (timings[name] ??= []).push(ms)
    }
  }
  return timings
}
