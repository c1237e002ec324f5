import { AppError } from '@/lib/errors'
import { returnToSpec } from '../layout-reverse'
import type { IntentChange } from '../intent-change'
import type { SetDefaultSpec } from './describe'

export const setDefaultSpec = {
  compare: (metadata, { specId, base }) => ({
    base: `id ${base}`,
    current: `id ${metadata.defaultSpecId}`,
    requested: `id ${specId}`,
  }),
  rebase: (metadata, intent) => ({ ...intent, base: metadata.defaultSpecId }),
  apply: (draft, { specId }) => {
    const spec = draft.base.partitionSpecs.find((one) => one.specId === specId)
    if (!spec)
      throw new AppError('not-found', `The table no longer has the partition spec ${specId}.`, { facts: { specId } })
    draft.partitionFields = spec.fields
  },
  reverse: returnToSpec,
} satisfies IntentChange<SetDefaultSpec>
