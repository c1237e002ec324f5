import { type IntentStatements } from '../intent-statement'
import { refStep, setRefInPyiceberg } from '../pyiceberg-code'
import { withRetention } from '../ref-edits'
import { refInSpark } from '../ref-statements'
import { TRINO_REFS } from '../trino-sql'
import type { CreateRef } from './words'

export const createRefStatements: IntentStatements<CreateRef> = {
  spark: (_draft, { refName, type, snapshotId, retention }, table) =>
    refInSpark('CREATE', refName, withRetention({ type, snapshotId }, retention), table),
  trino: () => TRINO_REFS,
  pyiceberg: (_draft, { refName, type, snapshotId, retention }) => [
    refStep([setRefInPyiceberg(refName, withRetention({ type, snapshotId }, retention))]),
  ],
}
