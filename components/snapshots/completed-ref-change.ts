/** A ref that was moved or removed. `canUndo`: without the name of the table, so that the notice can offer it. */
export type CompletedRefChange = { auditId: string; canUndo: boolean; message: string }
