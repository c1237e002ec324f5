import { roundPx } from './plot'
import { type Measure, niceTicks } from './ticks'

/** Where values above and below zero are on an axis, in pixels from its upper edge. */
export type SignedScale = { ticks: readonly number[]; yOf: (value: number) => number }

type Axis = { measure: Measure; areaPx: number; isLog: boolean }

/** Labels that an axis of powers has room for. */
const MAX_POWERS = 6

/** An axis from at most `min`, which is not above zero, to at least `max`. */
export function signedScale({ min, max }: { min: number; max: number }, { measure, areaPx, isLog }: Axis): SignedScale {
  const ticks = isLog ? powerTicks(min, max, measure) : linearTicks(min, max, measure)
  const toLength = isLog ? logLength(measure) : (value: number) => value
  const [low, high] = [toLength(ticks[0] ?? 0), toLength(ticks.at(-1) ?? 1)]
  return { ticks, yOf: (value) => roundPx((1 - (toLength(value) - low) / (high - low)) * areaPx) }
}

/** The smallest of these steps is used that needs few enough ticks: two sides with a rest each need more. */
const STEP_SHARES = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 2]
const MAX_TICKS = 7

function linearTicks(min: number, max: number, measure: Measure): number[] {
  const tickSets = STEP_SHARES.map((share) => {
    const [, step = 1] = niceTicks(0, (max - min) * share, measure)
    const first = Math.floor(min / step + 1e-9)
    const last = Math.max(Math.ceil(max / step - 1e-9), first + 1)
    return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step)
  })
  return tickSets.find(({ length }) => length <= MAX_TICKS) ?? tickSets.at(-1) ?? [0, 1]
}

/** Zero has a position, too: lengths are almost linear below one, or below one KiB. */
function logLength(measure: Measure): (value: number) => number {
  const [one, base] = measure === 'bytes' ? [1024, 1024] : [1, 10]
  return (value) => (Math.sign(value) * Math.log1p(Math.abs(value) / one)) / Math.log(base)
}

/** Powers of ten, or of 1,024 for bytes, whose distance leaves room for their labels. */
function powerTicks(min: number, max: number, measure: Measure): number[] {
  const [one, base] = measure === 'bytes' ? [1024, 1024] : [1, 10]
  const exponentOf = (most: number) =>
    most <= 0 ? -1 : Math.max(0, Math.ceil(Math.log(most / one) / Math.log(base) - 1e-9))
  const [above, below] = [exponentOf(max), exponentOf(-min)]
  const step = Math.ceil((above + below + 2) / MAX_POWERS)
  const powersTo = (last: number) =>
    Array.from({ length: last + 1 }, (_, exponent) => exponent)
      // The first power is next to zero.
      .filter((exponent) => (last - exponent) % step === 0 && (exponent > 0 || last === 0))
      .map((exponent) => one * base ** exponent)
  const negative = powersTo(below).map((power) => -power)
  return [...negative.toReversed(), 0, ...powersTo(below < 0 ? Math.max(above, 0) : above)]
}
