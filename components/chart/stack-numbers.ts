import type { ChartNumbers } from './numbers-table'
import type { Measure } from './ticks'
import { stepLabel } from './time-labels'

type Stack = { startMs: number; values: readonly (number | null)[] }

/** The table behind stacked bars: a row for each time step, a column for each name. */
export function stackNumbers(
  names: readonly string[],
  measure: Measure,
  stacks: readonly Stack[],
  stepMs: number,
  timeZone: string,
): ChartNumbers {
  return {
    rowHeader: 'Time',
    columns: names.map((name) => ({ name, measure })),
    rows: stacks.map(({ startMs, values }) => ({
      text: stepLabel(startMs, stepMs, timeZone),
      csv: new Date(startMs).toISOString(),
      values,
    })),
  }
}
