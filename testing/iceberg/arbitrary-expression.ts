import fc from 'fast-check'
import type { Json } from '@/lib/iceberg/json/json'

/**
 * Random filters of the deprecated form (`term`, `value`), which `toCurrentExpression` writes in the current one:
 * comparisons, lists and tests of nulls, joined and negated.
 *
 * @param values the literals of each column, by its name
 */
export function arbitraryExpression(values: Readonly<Record<string, fc.Arbitrary<Json>>>): fc.Arbitrary<Json> {
  const condition = fc.constantFrom(...Object.entries(values)).chain(([term, value]) =>
    fc.oneof(
      fc.record({
        type: fc.constantFrom('eq', 'not-eq', 'lt', 'lt-eq', 'gt', 'gt-eq'),
        term: fc.constant(term),
        value,
      }),
      fc.record({
        type: fc.constantFrom('in', 'not-in'),
        term: fc.constant(term),
        values: fc.array(value, { maxLength: 3 }),
      }),
      fc.record({ type: fc.constantFrom('is-null', 'not-null'), term: fc.constant(term) }),
    ),
  )
  const { expression } = fc.letrec<{ expression: Json }>((tie) => ({
    expression: fc.oneof(
      { depthSize: 'small' },
      condition,
      fc.constantFrom<Json>(true, false, { type: 'true' }, { type: 'false' }),
      fc.record({ type: fc.constant('not'), child: tie('expression') }),
      fc.record({ type: fc.constantFrom('and', 'or'), left: tie('expression'), right: tie('expression') }),
    ),
  }))
  return expression
}
