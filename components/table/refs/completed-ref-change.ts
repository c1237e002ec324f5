import type { NewProposal } from '@/components/changes/propose-form'

/** A ref that was moved or removed. `canUndo`: without the name of the table, so that the notice can offer it. */
type CommittedRefChange = { auditId: string; canUndo: boolean; message: string }

/** The result of a change in a panel: committed or proposed. */
export type CompletedRefChange = CommittedRefChange | { proposal: NewProposal }
