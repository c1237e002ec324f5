import { existingFiles } from '../existing-files'
import type { IntentDescription } from '../intent-description'

/** `name` is that of the field as the person saw it. */
export type RemovePartitionField = { kind: 'remove-partition-field'; fieldId: number; name: string }

export const removePartitionFieldDescription: IntentDescription<RemovePartitionField> = {
  area: 'layout',
  target: ({ fieldId }) => `partition field ${fieldId}`,
  sign: () => '−',
  describe: ({ name }) => ['Stop partitioning by', { name }],
  effects: (_intent, figures) =>
    `${existingFiles(figures)} keep their partitions, and readers still skip by them; new files are written without it.`,
}
