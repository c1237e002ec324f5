import {
  AGGREGATIONS,
  CHART_KINDS,
  MAX_COLUMN_NAME_CHARS,
  MAX_SERIES,
  RESULT_VIEWS,
  type ResultDisplay,
} from '@/lib/query/result-display'
import { list, nullable, object, oneOf, parseShape, text } from './stored-shape'

const columnName = text(MAX_COLUMN_NAME_CHARS)

/** How a result is shown, as it is stored with a tab and put into a link. */
export const queryDisplay = object({
  view: oneOf(RESULT_VIEWS),
  chart: nullable(
    object({
      kind: oneOf(CHART_KINDS),
      x: columnName,
      y: list(columnName, { max: MAX_SERIES }),
      series: nullable(columnName),
      aggregation: nullable(oneOf(AGGREGATIONS)),
    }),
  ),
})

/** The display of a link; null for a text that has none. */
export function parseLinkedDisplay(json: string): ResultDisplay | null {
  return parseShape(json, queryDisplay) ?? null
}
