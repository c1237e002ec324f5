import { queryDisplay } from './query-display'
import { queryParameters } from './query-parameters'
import { finiteNumber, flag, nullable, object, type ShapeOutput, text, withFallback } from './stored-shape'

/** The saved query that the text of a tab was opened from, as it was then. */
export const openedQuery = object({
  queryId: text(),
  version: finiteNumber,
  name: text(),
  sql: text(),
  owner: text(),
  isShared: flag,
  isOwn: flag,
  canChange: flag,
  /** With default values. */
  parameters: queryParameters,
  /** Null: in no folder. */
  folder: withFallback(nullable(text()), null),
  /** The connection of names without one; null if it is not known. */
  connection: withFallback(nullable(text()), null),
  /** How its result is shown; null: as a grid. */
  display: withFallback(nullable(queryDisplay), null),
})
export type OpenedQuery = ShapeOutput<typeof openedQuery>
