/** Actions of commits by engines are named by the REST catalog, which says `ref` and `spec`. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['create-ref', 'Create branch or tag'],
  ['drop-ref', 'Drop branch or tag'],
  ['rename-ref', 'Rename branch or tag'],
  ['set-ref-retention', 'Change retention of branch or tag'],
  ['set-snapshot-ref', 'Set branch or tag'],
  ['remove-snapshot-ref', 'Remove branch or tag'],
  ['add-schema', 'Change columns'],
  ['set-current-schema', 'Switch schema'],
  ['add-spec', 'Change partitioning'],
  ['set-default-spec', 'Switch partition spec'],
  ['add-sort-order', 'Change sort order'],
  ['set-default-sort-order', 'Switch sort order'],
  ['settle-access-request', 'Decide access request'],
  ['refuse-request', 'Request refused'],
  ['refuse-sign-in', 'Sign-in refused'],
  ['fail-connection-test', 'Connection test failed'],
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
