import { describe, expect, it } from 'vitest'
import { checkDirectly } from './check-directly'
import { checkExactly } from './check-exactly'
import { chooseStrategies } from './choose-strategies'
import type { StagingFacts } from './staging-strategy'
import { streamRows } from './stream-rows'

const PLAIN: StagingFacts = {
  isPartitioned: false,
  hasUnstoredColumns: false,
  hasUniqueRules: false,
  needsRewriting: false,
}

describe('A load', () => {
  it('streams rows if the table has neither partitions nor columns without data nor unique rules', () => {
    expect(chooseStrategies(PLAIN)).toEqual([streamRows, checkExactly])
    expect(chooseStrategies({ ...PLAIN, isPartitioned: true })).toEqual([checkDirectly, checkExactly])
    expect(chooseStrategies({ ...PLAIN, hasUnstoredColumns: true })).toEqual([checkDirectly, checkExactly])
    expect(chooseStrategies({ ...PLAIN, hasUniqueRules: true })).toEqual([checkDirectly, checkExactly])
  })

  it('of an input that has to be rewritten reads it exactly from the start', () => {
    expect(chooseStrategies({ ...PLAIN, needsRewriting: true })).toEqual([checkExactly])
    expect(chooseStrategies({ ...PLAIN, isPartitioned: true, hasUnstoredColumns: true, needsRewriting: true })).toEqual(
      [checkExactly],
    )
  })
})
