import { contractSchemas } from './schemas'
import { z } from 'zod'

/** The client that a user lets act for them: what it calls itself, null if unknown, and the name of its token. */
export const actingClient = z
  .object({ client: z.string().nullable(), token: z.string() })
  .register(contractSchemas, { id: 'Via' })
export type ActingClient = z.output<typeof actingClient>
