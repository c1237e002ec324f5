import { z } from 'zod'
import { addColumnShape } from './add-column/shape'
import { addPartitionFieldShape } from './add-partition-field/shape'
import { changeColumnTypeShape } from './change-column-type/shape'
import { createRefShape } from './create-ref/shape'
import { dropColumnShape } from './drop-column/shape'
import { dropRefShape } from './drop-ref/shape'
import { expireSnapshotsShape } from './expire-snapshots/shape'
import { fastForwardShape } from './fast-forward/shape'
import { makeColumnOptionalShape } from './make-column-optional/shape'
import { moveColumnShape } from './move-column/shape'
import { removePartitionFieldShape } from './remove-partition-field/shape'
import { removePropertyShape } from './remove-property/shape'
import { renameColumnShape } from './rename-column/shape'
import { renamePartitionFieldShape } from './rename-partition-field/shape'
import { renameRefShape } from './rename-ref/shape'
import { replaceSortOrderShape } from './replace-sort-order/shape'
import { rollBackShape } from './roll-back/shape'
import { setColumnDocShape } from './set-column-doc/shape'
import { setCurrentSchemaShape } from './set-current-schema/shape'
import { setDefaultSortOrderShape } from './set-default-sort-order/shape'
import { setDefaultSpecShape } from './set-default-spec/shape'
import { setIdentifierFieldsShape } from './set-identifier-fields/shape'
import { setPropertyShape } from './set-property/shape'
import { setRefShape } from './set-ref/shape'
import { setRefRetentionShape } from './set-ref-retention/shape'
import { setWriteDefaultShape } from './set-write-default/shape'
import { upgradeFormatVersionShape } from './upgrade-format-version/shape'
import type { IntentKind } from './intent'

/** Each kind of intent as it arrives from outside. Its parts are checked against the table when it is carried out. */
const SHAPES = {
  'add-column': addColumnShape,
  'add-partition-field': addPartitionFieldShape,
  'change-column-type': changeColumnTypeShape,
  'create-ref': createRefShape,
  'drop-column': dropColumnShape,
  'drop-ref': dropRefShape,
  'expire-snapshots': expireSnapshotsShape,
  'fast-forward': fastForwardShape,
  'make-column-optional': makeColumnOptionalShape,
  'move-column': moveColumnShape,
  'remove-partition-field': removePartitionFieldShape,
  'remove-property': removePropertyShape,
  'rename-column': renameColumnShape,
  'rename-partition-field': renamePartitionFieldShape,
  'rename-ref': renameRefShape,
  'replace-sort-order': replaceSortOrderShape,
  'roll-back': rollBackShape,
  'set-column-doc': setColumnDocShape,
  'set-current-schema': setCurrentSchemaShape,
  'set-default-sort-order': setDefaultSortOrderShape,
  'set-default-spec': setDefaultSpecShape,
  'set-identifier-fields': setIdentifierFieldsShape,
  'set-property': setPropertyShape,
  'set-ref': setRefShape,
  'set-ref-retention': setRefRetentionShape,
  'set-write-default': setWriteDefaultShape,
  'upgrade-format-version': upgradeFormatVersionShape,
} satisfies Record<IntentKind, z.ZodType>

export const intentShape = z.discriminatedUnion('kind', [
  SHAPES['add-column'],
  SHAPES['add-partition-field'],
  SHAPES['change-column-type'],
  SHAPES['create-ref'],
  SHAPES['drop-column'],
  SHAPES['drop-ref'],
  SHAPES['expire-snapshots'],
  SHAPES['fast-forward'],
  SHAPES['make-column-optional'],
  SHAPES['move-column'],
  SHAPES['remove-partition-field'],
  SHAPES['remove-property'],
  SHAPES['rename-column'],
  SHAPES['rename-partition-field'],
  SHAPES['rename-ref'],
  SHAPES['replace-sort-order'],
  SHAPES['roll-back'],
  SHAPES['set-column-doc'],
  SHAPES['set-current-schema'],
  SHAPES['set-default-sort-order'],
  SHAPES['set-default-spec'],
  SHAPES['set-identifier-fields'],
  SHAPES['set-property'],
  SHAPES['set-ref'],
  SHAPES['set-ref-retention'],
  SHAPES['set-write-default'],
  SHAPES['upgrade-format-version'],
])
