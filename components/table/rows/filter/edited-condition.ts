/** The condition being edited: a new one, perhaps with its column, or the one at `index`. */
export type EditedCondition = { kind: 'new'; fieldId: number | null } | { kind: 'change'; index: number }
