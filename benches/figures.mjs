/** Prints the median, the minimum, the maximum and every value in ascending order. */
export function printSamples(name, samples) {
  const sorted = samples.toSorted((a, b) => a - b).map((value) => round(value, 1))
  const middle = String(round(median(samples), 1)).padStart(12)
  console.log(`${name.padEnd(30)}${middle}   min ${sorted[0]}   max ${sorted.at(-1)}   ${sorted.join(' ')}`)
}

/**
 * Prints a figure as one line of JSON for other programs: `question`, `ratio` or `value`, `unit`, `target`, and `met`.
 * A figure is met when it does not exceed the target, unless the bench says otherwise.
 */
export function printFigure(result) {
  console.log(JSON.stringify({ met: (result.value ?? result.ratio) <= result.target, ...result }))
}

export function median(samples) {
  return samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)]
}

export function round(value, digits) {
  return Math.round(value * 10 ** digits) / 10 ** digits
}
