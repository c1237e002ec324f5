import { z } from 'zod/mini'
import { MAX_PARAMETER_CHARS, MAX_PARAMETERS, PARAMETER_TYPES, type QueryParameter } from '@/lib/query/parameter-types'

/** The values of parameters as they are stored with a tab and put into a link. */
export const queryParameters = z
  .array(
    z.object({
      name: z.string().check(z.maxLength(200)),
      type: z.enum(PARAMETER_TYPES),
      isList: z.boolean(),
      text: z.string().check(z.maxLength(MAX_PARAMETER_CHARS)),
    }),
  )
  .check(z.maxLength(MAX_PARAMETERS))

/** The values of a link; null for a text that has none. */
export function parseLinkedParameters(text: string): QueryParameter[] | null {
  try {
    return queryParameters.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
