import { MAX_PARAMETER_CHARS, MAX_PARAMETERS, PARAMETER_TYPES, type QueryParameter } from '@/lib/query/parameter-types'
import { flag, list, object, oneOf, parseShape, text } from './stored-shape'

/** The values of parameters as they are stored with a tab and put into a link. */
export const queryParameters = list(
  object({
    name: text(200),
    type: oneOf(PARAMETER_TYPES),
    isList: flag,
    text: text(MAX_PARAMETER_CHARS),
  }),
  { max: MAX_PARAMETERS },
)

/** The values of a link; null for a text that has none. */
export function parseLinkedParameters(json: string): QueryParameter[] | null {
  return parseShape(json, queryParameters) ?? null
}
