import { existingFiles } from '../existing-files'
import type { IntentDescription } from '../intent-description'

/** `base` is the version that the person saw. */
export type UpgradeFormatVersion = { kind: 'upgrade-format-version'; formatVersion: 2 | 3; base: number }

export const upgradeFormatVersionDescription: IntentDescription<UpgradeFormatVersion> = {
  area: 'settings',
  target: () => 'format version',
  sign: () => '~',
  describe: ({ formatVersion, base }) => [`Upgrade the format version from ${base} to ${formatVersion}`],
  effects: ({ formatVersion }, figures) =>
    `${existingFiles(figures)} stay as they are; clients that do not support format version ${formatVersion} can no longer write the table, and some can no longer read it. It cannot be undone.`,
}
