/** Whether no element has the focus, for example because the focused one was removed. */
export function isFocusLost(): boolean {
  const { activeElement } = document
  return activeElement === null || activeElement === document.body || !activeElement.isConnected
}
