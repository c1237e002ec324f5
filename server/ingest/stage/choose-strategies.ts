import 'server-only'
import { isStored } from '@/server/data-files/write/writable-columns'
import { mustRewrite } from '../input/input-records'
import { checkDirectly } from './check-directly'
import { checkExactly } from './check-exactly'
import type { Staging } from './staging'
import type { StagingFacts, StagingStrategy } from './staging-strategy'
import { streamRows } from './stream-rows'

/** The fastest first. The last one applies to every input. */
const STRATEGIES: readonly StagingStrategy[] = [streamRows, checkDirectly, checkExactly]

/** The strategies to try, in this order, until one returns files. */
export function chooseStrategies(facts: StagingFacts): readonly StagingStrategy[] {
  return STRATEGIES.filter((strategy) => strategy.appliesTo(facts))
}

export function toStagingFacts({ request, partitionColumns }: Staging): StagingFacts {
  return {
    isPartitioned: partitionColumns.length > 0,
    hasUnstoredColumns: !request.schema.fields.every(isStored),
    hasUniqueRules: request.rules.some(({ kind }) => kind === 'unique'),
    needsRewriting: mustRewrite(request.input.format),
  }
}
