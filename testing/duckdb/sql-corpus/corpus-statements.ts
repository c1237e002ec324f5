import { AGGREGATES } from './statements/aggregates'
import { JOINS } from './statements/joins'
import { NAMES } from './statements/names'
import { SELECTIONS } from './statements/selections'
import { SUBQUERIES } from './statements/subqueries'
import { VALUES } from './statements/values'

/** SQL over {@link CORPUS_TABLES}. */
export const CORPUS_STATEMENTS: readonly string[] = [
  ...SELECTIONS,
  ...AGGREGATES,
  ...JOINS,
  ...SUBQUERIES,
  ...VALUES,
  ...NAMES,
]
