import { z } from 'zod/mini'
import {
  AGGREGATIONS,
  CHART_KINDS,
  MAX_COLUMN_NAME_CHARS,
  MAX_SERIES,
  RESULT_VIEWS,
  type ResultDisplay,
} from '@/lib/query/result-display'

const columnName = z.string().check(z.maxLength(MAX_COLUMN_NAME_CHARS))

/** How a result is shown, as it is stored with a tab and put into a link. */
export const queryDisplay = z.object({
  view: z.enum(RESULT_VIEWS),
  chart: z.nullable(
    z.object({
      kind: z.enum(CHART_KINDS),
      x: columnName,
      y: z.array(columnName).check(z.maxLength(MAX_SERIES)),
      series: z.nullable(columnName),
      aggregation: z.nullable(z.enum(AGGREGATIONS)),
    }),
  ),
})

/** The display of a link; null for a text that has none. */
export function parseLinkedDisplay(text: string): ResultDisplay | null {
  try {
    return queryDisplay.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
