import { AppError } from '@/lib/errors'
import type { IntentChange } from '../intent-change'
import type { UpgradeFormatVersion } from './describe'

export const upgradeFormatVersion = {
  compare: (metadata, { formatVersion, base }) => ({
    base: String(base),
    current: String(metadata.formatVersion),
    requested: String(formatVersion),
  }),
  rebase: (metadata, intent) =>
    metadata.formatVersion < intent.formatVersion ? { ...intent, base: metadata.formatVersion } : null,
  apply: (draft, { formatVersion }) => {
    if (formatVersion <= draft.formatVersion) {
      throw new AppError('invalid-request', `The table has format version ${draft.formatVersion} already.`, {
        facts: { formatVersion },
      })
    }
    draft.formatVersion = formatVersion
  },
  warnings: (_draft, { formatVersion }) => [
    `A format version cannot be lowered again, so this commit cannot be undone as a whole. Clients that do not support version ${formatVersion} can no longer write the table, and some can no longer read it.`,
  ],
  reverse: () => null,
} satisfies IntentChange<UpgradeFormatVersion>
