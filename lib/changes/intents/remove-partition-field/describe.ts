import type { IntentDescription } from '../intent-description'

/** `name` is that of the field as the person saw it. */
export type RemovePartitionField = { kind: 'remove-partition-field'; fieldId: number; name: string }

export const removePartitionFieldDescription: IntentDescription<RemovePartitionField> = {
  area: 'layout',
  target: ({ fieldId }) => `partition field ${fieldId}`,
  sign: () => '−',
  describe: ({ name }) => ['Stop partitioning by', { name }],
  // Without a number: the figures are those of the whole table, and any of its files may have another spec.
  effects: () =>
    'Files that were written with it keep their partitions, and readers still skip by them; new files are written without it.',
}
