import { existingFiles } from '../existing-files'
import type { IntentMeaning } from '../intent-kind'
import type { UpgradeFormatVersion } from './words'

export const upgradeFormatVersionMeaning: IntentMeaning<UpgradeFormatVersion> = ({ formatVersion }, figures) =>
  `${existingFiles(figures)} stay as they are; engines without format version ${formatVersion} can no longer read the table. It cannot be undone.`
