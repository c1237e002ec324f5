import type { IntentWords } from '../intent-kind'

/** `base` is the version that the person saw. */
export type UpgradeFormatVersion = { kind: 'upgrade-format-version'; formatVersion: 2 | 3; base: number }

export const upgradeFormatVersionWords: IntentWords<UpgradeFormatVersion> = {
  area: 'settings',
  target: () => 'format version',
  sign: () => '~',
  words: ({ formatVersion, base }) => [`Upgrade the format version from ${base} to ${formatVersion}`],
}
