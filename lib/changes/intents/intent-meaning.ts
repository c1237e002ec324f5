import type { Intent, IntentKind, IntentOf } from './intent'
import type { IntentMeaning, MeaningFigures } from './intent-kind'
import { addColumnMeaning } from './add-column/meaning'
import { addPartitionFieldMeaning } from './add-partition-field/meaning'
import { changeColumnTypeMeaning } from './change-column-type/meaning'
import { createRefMeaning } from './create-ref/meaning'
import { dropColumnMeaning } from './drop-column/meaning'
import { dropRefMeaning } from './drop-ref/meaning'
import { expireSnapshotsMeaning } from './expire-snapshots/meaning'
import { fastForwardMeaning } from './fast-forward/meaning'
import { makeColumnOptionalMeaning } from './make-column-optional/meaning'
import { moveColumnMeaning } from './move-column/meaning'
import { removePartitionFieldMeaning } from './remove-partition-field/meaning'
import { removePropertyMeaning } from './remove-property/meaning'
import { renameColumnMeaning } from './rename-column/meaning'
import { renamePartitionFieldMeaning } from './rename-partition-field/meaning'
import { renameRefMeaning } from './rename-ref/meaning'
import { replaceSortOrderMeaning } from './replace-sort-order/meaning'
import { rollBackMeaning } from './roll-back/meaning'
import { setColumnDocMeaning } from './set-column-doc/meaning'
import { setCurrentSchemaMeaning } from './set-current-schema/meaning'
import { setDefaultSortOrderMeaning } from './set-default-sort-order/meaning'
import { setDefaultSpecMeaning } from './set-default-spec/meaning'
import { setIdentifierFieldsMeaning } from './set-identifier-fields/meaning'
import { setPropertyMeaning } from './set-property/meaning'
import { setRefMeaning } from './set-ref/meaning'
import { setRefRetentionMeaning } from './set-ref-retention/meaning'
import { setWriteDefaultMeaning } from './set-write-default/meaning'
import { upgradeFormatVersionMeaning } from './upgrade-format-version/meaning'

const MEANINGS: { [Kind in IntentKind]: IntentMeaning<IntentOf[Kind]> } = {
  'add-column': addColumnMeaning,
  'add-partition-field': addPartitionFieldMeaning,
  'change-column-type': changeColumnTypeMeaning,
  'create-ref': createRefMeaning,
  'drop-column': dropColumnMeaning,
  'drop-ref': dropRefMeaning,
  'expire-snapshots': expireSnapshotsMeaning,
  'fast-forward': fastForwardMeaning,
  'make-column-optional': makeColumnOptionalMeaning,
  'move-column': moveColumnMeaning,
  'remove-partition-field': removePartitionFieldMeaning,
  'remove-property': removePropertyMeaning,
  'rename-column': renameColumnMeaning,
  'rename-partition-field': renamePartitionFieldMeaning,
  'rename-ref': renameRefMeaning,
  'replace-sort-order': replaceSortOrderMeaning,
  'roll-back': rollBackMeaning,
  'set-column-doc': setColumnDocMeaning,
  'set-current-schema': setCurrentSchemaMeaning,
  'set-default-sort-order': setDefaultSortOrderMeaning,
  'set-default-spec': setDefaultSpecMeaning,
  'set-identifier-fields': setIdentifierFieldsMeaning,
  'set-property': setPropertyMeaning,
  'set-ref': setRefMeaning,
  'set-ref-retention': setRefRetentionMeaning,
  'set-write-default': setWriteDefaultMeaning,
  'upgrade-format-version': upgradeFormatVersionMeaning,
}

const UNKNOWN: MeaningFigures = { dataFileCount: null, snapshotCount: null }

/** What the change means for files that exist and for those who read and write the table. */
export function intentMeaning(intent: Intent, figures: MeaningFigures = UNKNOWN): string {
  return meaningOf(intent.kind, intent, figures)
}

function meaningOf<Kind extends IntentKind>(kind: Kind, intent: IntentOf[Kind], figures: MeaningFigures): string {
  return MEANINGS[kind](intent, figures)
}
