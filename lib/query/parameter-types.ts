export const PARAMETER_TYPES = ['text', 'number', 'date', 'timestamp', 'timestamptz', 'boolean', 'null'] as const
export type ParameterType = (typeof PARAMETER_TYPES)[number]

/** A parameter `$name` of a query, with its value as the user wrote it. */
export type QueryParameter = {
  /** Without the `$`. DuckDB ignores case in names of parameters. */
  name: string
  type: ParameterType
  /** The text has one value per line. */
  isList: boolean
  text: string
}

export const MAX_PARAMETERS = 50
export const MAX_PARAMETER_CHARS = 100_000
