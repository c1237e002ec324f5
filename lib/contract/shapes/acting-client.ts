import { contractSchemas } from './schemas'
import * as z from 'zod'

/**
 * The client that a user lets act for them: what it calls itself, null if unknown, the name of its token, and whether
 * the user is a service account.
 */
export const actingClient = z
  .object({ client: z.string().nullable(), token: z.string(), isService: z.boolean().optional() })
  .register(contractSchemas, { id: 'Via' })
export type ActingClient = z.output<typeof actingClient>
