import { z } from 'zod/mini'
import { queryDisplay } from './query-display'
import { queryParameters } from './query-parameters'

/** The saved query that the text of a tab was opened from, as it was then. */
export const openedQuery = z.object({
  queryId: z.string(),
  version: z.number(),
  name: z.string(),
  sql: z.string(),
  owner: z.string(),
  isShared: z.boolean(),
  isOwn: z.boolean(),
  canChange: z.boolean(),
  /** With default values. */
  parameters: queryParameters,
  /** Null: in no folder. */
  folder: z.catch(z.nullable(z.string()), null),
  /** How its result is shown; null: as a grid. */
  display: z.catch(z.nullable(queryDisplay), null),
})
export type OpenedQuery = z.output<typeof openedQuery>
