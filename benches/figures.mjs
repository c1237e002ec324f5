/** Median, minimum, maximum and every value in the order of size, of samples of one measure. */
export function printSamples(name, samples) {
  const sorted = samples.toSorted((a, b) => a - b).map((value) => round(value, 1))
  const middle = String(round(median(samples), 1)).padStart(12)
  console.log(`${name.padEnd(30)}${middle}   min ${sorted[0]}   max ${sorted.at(-1)}   ${sorted.join(' ')}`)
}

/**
 * The one line by which a figure is told to other programs: `question`, `ratio` or `value`, `unit`, `target`, and
 * `met`, which it is when it does not exceed the target unless the bench says otherwise.
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
