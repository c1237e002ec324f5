/**
 * How many values of a sample may not fit a type that is guessed all the same: a load rejects their rows. Small samples
 * say too little about the rest of a file, so there every value counts.
 */

const MIN_TOLERANT_VALUES = 100
const MAX_MISFIT_SHARE = 0.01

/** @returns 0 in samples of fewer than 100 values, otherwise a hundredth of them, rounded down */
export function toleratedMisfits(valueCount: number): number {
  return valueCount < MIN_TOLERANT_VALUES ? 0 : Math.floor(valueCount * MAX_MISFIT_SHARE)
}
