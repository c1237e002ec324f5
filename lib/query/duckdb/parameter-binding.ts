import { AppError } from '@/lib/errors'
import type { QueryParameter } from '../parameter-types'
import { findParameterNames, type ParameterValue, parameterName, parameterValues } from '../parameters'
import type { Edit } from '../tables/rewrite-tables'
import type { Token } from '../statement/tokenize'

/** Variables of DuckDB, which hold the values of parameters while a statement is planned and run. */
const VARIABLE = 'lakeshore_parameter_'

/** Values that a prepared statement binds: `sql` has a placeholder for each. */
export type VariableBinding = { sql: string; values: readonly string[] }

export type BoundParameters = {
  /** Statements that set the variables. */
  bindings: readonly VariableBinding[]
  /** The replacements of the parameters in the statement: variables, or NULL. Never a value. */
  edits: readonly Edit[]
  hasZone: boolean
  /** Restores the parameters in names of columns. */
  toSourceText: (text: string) => string
}

/**
 * The parameters of a statement as variables of DuckDB. Their types are the types of the same values written in SQL.
 *
 * @throws {AppError} query-failed for a parameter without a value, or with one that does not fit its type
 */
export function bindParameters(tokens: readonly Token[], parameters: readonly QueryParameter[]): BoundParameters {
  const names = findParameterNames(tokens)
  const expressions = new Map<string, string>()
  const bindings: VariableBinding[] = []
  let hasZone = false
  for (const [i, name] of names.entries()) {
    const parameter = parameters.find((each) => each.name.toLowerCase() === name.toLowerCase())
    if (parameter === undefined)
      throw new AppError('query-failed', `The parameter $${name} has no value.`, {
        facts: { hint: `Enter a value for $${name} above.` },
      })
    const values = parameterValues(parameter)
    if (parameter.type === 'null') {
      expressions.set(name.toLowerCase(), 'NULL')
      continue
    }
    if (parameter.type === 'timestamptz') hasZone = true
    const type = commonType(name, parameter.type, values)
    const casts = values.map((_, k) => `CAST($${k + 1} AS ${type})`)
    const expression = parameter.isList ? `CAST([${casts.join(', ')}] AS ${type}[])` : (casts[0] ?? 'NULL')
    bindings.push({
      sql: `SET VARIABLE ${VARIABLE}${i + 1} = ${expression}`,
      values: values.map(({ text }) => text),
    })
    expressions.set(name.toLowerCase(), `getvariable('${VARIABLE}${i + 1}')`)
  }
  const edits = tokens.flatMap((token): Edit[] => {
    const name = parameterName(token)
    const text = name === null ? undefined : expressions.get(name.toLowerCase())
    return text === undefined ? [] : [{ start: token.start, end: token.end, text }]
  })
  return {
    bindings,
    edits,
    hasZone,
    toSourceText: (text) =>
      text.replaceAll(new RegExp(`getvariable\\('${VARIABLE}(\\d+)'\\)`, 'g'), (written, number: string) => {
        const name = names[Number(number) - 1]
        return name === undefined ? written : `$${name}`
      }),
  }
}

/** The type of a value, or the one of all values of a list. */
function commonType(name: string, type: QueryParameter['type'], values: readonly ParameterValue[]): string {
  if (type === 'text') return 'VARCHAR'
  if (type === 'date') return 'DATE'
  if (type === 'boolean') return 'BOOLEAN'
  if (type === 'timestamptz') return 'TIMESTAMPTZ'
  if (type === 'timestamp') {
    const isNanos = values.some((value) => value.type === 'timestamp' && value.fractionDigits > 6)
    return isNanos ? 'TIMESTAMP_NS' : 'TIMESTAMP'
  }
  return numberType(name, values)
}

function numberType(name: string, values: readonly ParameterValue[]): string {
  let digits = 0
  let scale = 0
  let isPoint = false
  let largest = 0n
  for (const value of values) {
    if (value.type !== 'number') continue
    if (value.digits === null) return 'DOUBLE'
    digits = Math.max(digits, value.digits)
    scale = Math.max(scale, value.scale)
    if (value.text.includes('.')) isPoint = true
    else {
      const integer = BigInt(value.text)
      // The range of negative numbers has one more.
      const size = integer < 0n ? -integer - 1n : integer
      if (size > largest) largest = size
    }
  }
  if (!isPoint) {
    if (largest < 2n ** 31n) return 'INTEGER'
    if (largest < 2n ** 63n) return 'BIGINT'
    return 'HUGEINT'
  }
  if (digits + scale > 38)
    throw new AppError('query-failed', `The values of the parameter $${name} need more than 38 digits together.`, {
      facts: { hint: 'Correct its value above.' },
    })
  return `DECIMAL(${Math.max(1, digits + scale)}, ${scale})`
}
