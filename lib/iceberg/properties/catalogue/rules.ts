import { ruleProperty } from '../value-rules'
import type { PropertyEntry } from './property-entry'

/** Rules for the values of the table. */
export const RULE_PROPERTIES: readonly PropertyEntry[] = [
  {
    name: ruleProperty('<name>'),
    doc: 'A rule for values, as JSON such as {"column": "fare", "min": "0"}. Loads reject rows that break it.',
    values: { kind: 'value-rule' },
    honouredBy: ['lakeshore'],
  },
]
