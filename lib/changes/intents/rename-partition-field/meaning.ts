import { existingFiles } from '../existing-files'
import type { IntentMeaning } from '../intent-kind'
import type { RenamePartitionField } from './words'

export const renamePartitionFieldMeaning: IntentMeaning<RenamePartitionField> = (_intent, figures) =>
  `${existingFiles(figures)} keep their partitions and paths; metadata tables show the new name.`
