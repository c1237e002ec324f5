/** `set-properties` → `Set properties`. */
export function actionName(action: string): string {
  const text = action.replaceAll('-', ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** The name of undoing an entry of the history, by its action. An entry may itself have undone another one. */
export function undoTitle(undone: string): string {
  return undone === 'undo' ? 'Redo an undone change' : `Undo: ${actionName(undone)}`
}
