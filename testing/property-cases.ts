/**
 * How many cases a test over many tries, and from which seed: in `npm test` a tenth of them, always the same, so that a
 * change fails only for a reason in itself. The part `exhaustive` tries all, random ones from another seed each day
 * (`property-cases.exhaustive.test.ts`, and `x.exhaustive.test.ts` next to a long `x.test.ts`). A failure prints its seed; `PROPERTY_CASES=all PROPERTY_SEED=<seed>` in front
 * of a run of the test repeats it.
 */

const FIXED_SEED = 1
/** `npm test` tries one of so many cases. */
const SHARE = 10

/**
 * The parameters of `fc.assert` for a property of which `caseCount` cases prove enough.
 *
 * @param leastCases are tried in any run, if a tenth does not have every kind
 */
export function propertyRuns(caseCount = 100, leastCases = 1): { numRuns: number; seed: number } {
  const some = Math.max(leastCases, Math.ceil(caseCount / SHARE))
  return { numRuns: byCases(some, caseCount), seed: propertySeed() }
}

/** Seeds for a test that draws `caseCount` cases itself. Its failures name the seed of their case. */
export function propertySeeds(caseCount: number): readonly number[] {
  const { numRuns, seed } = propertyRuns(caseCount)
  return Array.from({ length: numRuns }, (_, i) => seed + i)
}

/** The seed of the day where all cases are tried, such as 20260214. */
export function propertySeed(): number {
  const { PROPERTY_SEED: given } = process.env
  if (given !== undefined) return Number(given)
  return byCases(FIXED_SEED, Number(new Date().toISOString().slice(0, 10).replaceAll('-', '')))
}

/** Every tenth case of a matrix from the one at `from`, or all of them where all cases are tried. */
export function matrixCases<T>(all: readonly T[], from = 0): readonly T[] {
  return byCases(
    all.filter((_, i) => i % SHARE === from % SHARE),
    all,
  )
}

/** One of two sizes or lists of cases: the smaller for `npm test`, the full one where all cases are tried. */
export function byCases<T>(some: T, all: T): T {
  return process.env.PROPERTY_CASES === 'all' ? all : some
}
