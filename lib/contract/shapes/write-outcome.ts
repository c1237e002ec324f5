import { z } from 'zod'

/** What became of a request whose answer is lost. `open`: the catalog has not reported it yet. */
export const writeOutcome = z.object({ outcome: z.enum(['made', 'not-made', 'open']), auditId: z.string().nullable() })
