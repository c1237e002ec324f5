/** Decoding in small steps: yields after each step and returns the result. */
export type DecodeSteps<Result> = Generator<void, Result, void>

/**
 * Called between steps. Null lets the decoding continue. A promise suspends it until other work of the process has had
 * its turn.
 */
export type TakeTurns = () => Promise<void> | null

/** Records decoded per step: few enough to take about a millisecond. */
export const RECORDS_PER_STEP = 64

/** Decodes without keeping other work of the process waiting. */
export async function decodeInTurns<Result>(steps: DecodeSteps<Result>, takeTurns: TakeTurns): Promise<Result> {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    const turn = takeTurns()
    if (turn !== null) await turn
  }
}
