import { z } from 'zod'
import { endpoint } from './endpoint'

/**
 * The bytes of one file of a table, or one range of them. The token comes from a plan; it names the table and the
 * person, whose permission `table:read` is asked again here.
 */
export const readFileBytes = endpoint({
  method: 'GET',
  path: '/api/v1/files/:token',
  permission: 'signed-in',
  input: z.object({ token: z.string().min(1) }),
  output: 'bytes',
})
