/** For `useLoadedDialog`. */
export async function loadRequestDialog() {
  return (await import('./request-dialog')).RequestDialog
}
