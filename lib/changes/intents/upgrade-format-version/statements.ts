import type { IntentStatements } from '@/lib/changes/statements/intent-statement'
import { setInSpark } from '@/lib/changes/statements/property-statements'
import { transactionStep } from '@/lib/changes/statements/pyiceberg-code'
import { alterInTrino } from '@/lib/changes/statements/trino-sql'
import type { UpgradeFormatVersion } from './describe'

export const upgradeFormatVersionStatements: IntentStatements<UpgradeFormatVersion> = {
  spark: (_draft, { formatVersion }, table) => setInSpark([['format-version', String(formatVersion)]], table),
  trino: (_draft, { formatVersion }, table) =>
    formatVersion > 2
      ? { reason: 'Trino 476 upgrades tables to format version 2 at most.' }
      : [alterInTrino(table, `SET PROPERTIES format_version = ${formatVersion}`)],
  pyiceberg: (_draft, { formatVersion }) =>
    formatVersion > 2
      ? { reason: 'PyIceberg 0.12 upgrades tables to format version 2 at most.' }
      : [transactionStep(`upgrade_table_version(${formatVersion})`)],
}
