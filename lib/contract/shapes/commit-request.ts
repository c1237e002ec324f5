import * as z from 'zod'

/** The Iceberg REST request of a commit: where it goes, and its body as indented JSON text, 64-bit ids exact. */
export const commitRequest = z.object({ path: z.string(), body: z.string() })
