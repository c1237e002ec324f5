import { macro, own, PLAIN_TIME_TYPES, ZONE_SCHEMA } from './macro'

const Z = ZONE_SCHEMA

/**
 * Operators on times with zones. DuckDB finds them by the search path, and then for all types: statements get them only
 * when DuckDB refuses them otherwise.
 */
export function operatorMacros(): string[] {
  return OPERATORS.map(([operator]) =>
    macro(`"${operator}"`, ...operatorOverloads(operator), `(a) AS ${own(operator)}(a)`),
  )
}

/**
 * The macros for operands whose types DuckDB does not know when it chooses among macros of one name: aggregates, window
 * functions and subqueries. It knows the types of the elements of a list.
 */
export function untypedOperatorMacros(): string[] {
  return OPERATORS.flatMap(([operator, name]) => [
    // DuckDB tries a macro when it is defined, and would refuse the next one for its unknown types.
    macro(name, '(a, b) AS a'),
    macro(
      `"${operator}"`,
      `(a, b) AS list_transform([{lakeshore_a: a, lakeshore_b: b}],
        lambda lakeshore_row: ${Z}.${name}(lakeshore_row.lakeshore_a, lakeshore_row.lakeshore_b))[1]`,
      `(a) AS ${own(operator)}(a)`,
    ),
    macro(name, ...operatorOverloads(operator)),
  ])
}

const OPERATORS = [
  ['+', 'apply_plus'],
  ['-', 'apply_minus'],
] as const

function operatorOverloads(operator: '+' | '-'): string[] {
  const plain = [...PLAIN_TIME_TYPES, 'TIME', 'INTERVAL']
  const other = (a: string, b: string) => `(a ${a}, b ${b}) AS ${own(operator)}(a, b)`
  const zoned =
    operator === '+'
      ? [
          `(a TIMESTAMPTZ, b INTERVAL) AS ${Z}.add_interval(a, b)`,
          `(a INTERVAL, b TIMESTAMPTZ) AS ${Z}.add_interval(b, a)`,
        ]
      : [
          `(a TIMESTAMPTZ, b INTERVAL) AS ${Z}.add_interval(a, ${own('-')}(b))`,
          `(a TIMESTAMPTZ, b TIMESTAMPTZ) AS ${Z}.between_instants(a, b)`,
        ]
  const reversed =
    operator === '+'
      ? plain.filter((type) => type !== 'INTERVAL').map((type) => other('INTERVAL', type))
      : ['DATE', 'TIMESTAMP'].map((type) => other(type, type))
  return [...zoned, ...plain.map((type) => other(type, 'INTERVAL')), ...reversed, `(a, b) AS ${own(operator)}(a, b)`]
}
