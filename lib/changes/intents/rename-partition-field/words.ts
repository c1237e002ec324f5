import type { IntentWords } from '../intent-kind'

/** `base` is the name that the person saw. */
export type RenamePartitionField = { kind: 'rename-partition-field'; fieldId: number; name: string; base: string }

export const renamePartitionFieldWords: IntentWords<RenamePartitionField> = {
  area: 'layout',
  target: ({ fieldId }) => `partition field ${fieldId}`,
  sign: () => '~',
  words: ({ base, name }) => ['Rename the partition field', { name: base }, 'to', { name }],
}
