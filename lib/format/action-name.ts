const NAMES: ReadonlyMap<string, string> = new Map([
  ['settle-access-request', 'Decide access request'],
  ['refuse-request', 'Request refused'],
  ['refuse-sign-in', 'Sign-in refused'],
])

/** `set-properties` → `Set properties`. */
export function actionName(action: string): string {
  const name = NAMES.get(action)
  if (name !== undefined) return name
  const text = action.replaceAll('-', ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** The name of undoing an entry of the history, by its action. An entry may itself have undone another one. */
export function undoTitle(undone: string): string {
  return undone === 'undo' ? 'Redo an undone change' : `Undo: ${actionName(undone)}`
}
