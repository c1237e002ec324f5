import * as z from 'zod'

/** The outcome of a request whose response was lost. `pending`: the catalog has not reported it yet. */
export const writeOutcome = z.object({
  outcome: z.enum(['committed', 'not-committed', 'pending']),
  auditId: z.string().nullable(),
})
