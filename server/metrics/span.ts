import 'server-only'
import { AppError } from '@/lib/errors'

/** A time span in equal steps, `[fromMs, toMs)`. */
export type Span = { fromMs: number; toMs: number; stepMs: number }

const MAX_STEPS = 400

/** The start of each step. @throws {AppError} invalid-request when the span is empty or has more than 400 steps */
export function stepStarts({ fromMs, toMs, stepMs }: Span): number[] {
  const count = stepMs > 0 ? Math.ceil((toMs - fromMs) / stepMs) : 0
  if (count < 1) throw new AppError('invalid-request', 'The time range is empty.')
  if (count > MAX_STEPS)
    throw new AppError('invalid-request', `A time range can have at most ${MAX_STEPS} steps, not ${count}.`)
  return Array.from({ length: count }, (_, step) => fromMs + step * stepMs)
}

/** Index of the step that contains a time; -1 outside the span. */
export function stepIndex({ fromMs, toMs, stepMs }: Span, atMs: number): number {
  return atMs < fromMs || atMs >= toMs ? -1 : Math.floor((atMs - fromMs) / stepMs)
}
