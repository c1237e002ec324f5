import type { IntentMeaning } from '../intent-kind'
import type { RenamePartitionField } from './words'

export const renamePartitionFieldMeaning: IntentMeaning<RenamePartitionField> = () =>
  'Existing files keep their partitions and paths; metadata tables show the new name.'
