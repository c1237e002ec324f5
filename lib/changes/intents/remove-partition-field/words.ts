import type { IntentWords } from '../intent-kind'

/** `name` is that of the field as the person saw it. */
export type RemovePartitionField = { kind: 'remove-partition-field'; fieldId: number; name: string }

export const removePartitionFieldWords: IntentWords<RemovePartitionField> = {
  area: 'layout',
  target: ({ fieldId }) => `partition field ${fieldId}`,
  sign: () => '−',
  words: ({ name }) => ['Stop partitioning by', { name }],
}
