/** `set-properties` → `Set properties`. */
export function actionName(action: string): string {
  const words = action.replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
