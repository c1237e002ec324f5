import { z } from 'zod'

/** The outcome of a request whose response was lost. `open`: the catalog has not reported it yet. */
export const writeOutcome = z.object({ outcome: z.enum(['made', 'not-made', 'open']), auditId: z.string().nullable() })
