import { existingFiles } from '../existing-files'
import type { IntentDescription } from '../intent-description'

/** `base` is the name that the person saw. */
export type RenamePartitionField = { kind: 'rename-partition-field'; fieldId: number; name: string; base: string }

export const renamePartitionFieldDescription: IntentDescription<RenamePartitionField> = {
  area: 'layout',
  target: ({ fieldId }) => `partition field ${fieldId}`,
  sign: () => '~',
  describe: ({ base, name }) => ['Rename the partition field', { name: base }, 'to', { name }],
  effects: (_intent, figures) =>
    `${existingFiles(figures)} keep their partitions and paths; metadata tables show the new name.`,
}
