import type { QueryParameter } from '@/lib/query/parameter-types'
import { parameterNamesIn } from '@/lib/query/parameters'

/** The values of the parameters in a text. A tab keeps others, too, for a name that comes back. */
export function namedParameters(sql: string, parameters: readonly QueryParameter[]): QueryParameter[] {
  const names = new Set(parameterNamesIn(sql).map((name) => name.toLowerCase()))
  return parameters.filter(({ name }) => names.has(name.toLowerCase()))
}
