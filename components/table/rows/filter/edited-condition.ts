/** The condition that is being written: another one, perhaps of a column, or the one at `index`. */
export type EditedCondition = { kind: 'new'; fieldId: number | null } | { kind: 'change'; index: number }
