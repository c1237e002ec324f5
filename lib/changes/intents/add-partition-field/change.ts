import { currentSchema, defaultSpec } from '../../../iceberg/metadata/current-layout'
import { findColumn } from '@/lib/changes/edits/column-edits'
import { columnLabel } from '@/lib/changes/edits/column-target'
import { isSameTerm } from '@/lib/changes/edits/layout-rules'
import { returnToSpec } from '../layout-reverse'
import type { IntentChange } from '../intent-change'
import { addPartitionField as addField } from '@/lib/changes/edits/partition-edits'
import type { AddPartitionField } from './describe'

export const addPartitionField = {
  compare: (metadata, { sourceId, transform, name }) => {
    const taken = defaultSpec(metadata).fields.find(
      (field) => field.name === name || isSameTerm(field, { sourceId, transform }),
    )
    return { base: null, current: taken?.name ?? null, requested: name }
  },
  rebase: () => null,
  apply: (draft, intent) => addField(draft, intent),
  warnings: ({ base }, { sourceId }) => {
    const column = findColumn(currentSchema(base), sourceId)
    if (base.snapshots.length === 0 || column === null) return []
    return [`Existing files keep their partitions: only new data is partitioned by ${columnLabel(column.path)}.`]
  },
  reverse: returnToSpec,
} satisfies IntentChange<AddPartitionField>
