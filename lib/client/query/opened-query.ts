import { z } from 'zod/mini'
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
})
export type OpenedQuery = z.output<typeof openedQuery>
