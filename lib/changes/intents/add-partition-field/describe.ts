import { existingFiles } from '../existing-files'
import { parseTransform, transformLabel } from '../../../iceberg/partitioning/transform'
import { columnLabel } from '@/lib/changes/edits/column-target'
import type { IntentDescription } from '../intent-description'

/** Partitions new data by a column, too. */
export type AddPartitionField = {
  kind: 'add-partition-field'
  sourceId: number
  /** The column's names from the top, as the person saw it. */
  source: readonly string[]
  /** As in a partition spec: `day`, `bucket[16]`. */
  transform: string
  name: string
}

export const addPartitionFieldDescription: IntentDescription<AddPartitionField> = {
  area: 'layout',
  target: ({ sourceId, transform }) => `new partition field ${sourceId} ${transform}`,
  sign: () => '+',
  withName: (intent, name) => ({ ...intent, name }),
  describe: ({ source, transform, name }) => [
    'Partition by',
    { name: transformLabel(parseTransform(transform), columnLabel(source)) },
    'as',
    { name },
  ],
  effects: (_intent, figures) =>
    `${existingFiles(figures)} keep the partition spec they were written with; readers use both.`,
}
