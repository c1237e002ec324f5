/** Keys that were pressed after the palette was opened, before its field has the focus; null while none are awaited. */
let typed: { text: string; hasEnter: boolean; onCancel: () => void } | null = null

/**
 * Keeps the letters that the user types until the field of the palette has the focus, and from the page below it. Escape
 * cancels, and a click elsewhere ends it: these letters are for the page. Shortcuts and dead keys are left alone.
 *
 * @param onCancel called on Escape
 */
export function awaitTypedAhead(onCancel: () => void = () => {}): void {
  if (typed !== null) return
  typed = { text: '', hasEnter: false, onCancel }
  // Before the keys of the page, such as those that go to other pages.
  window.addEventListener('keydown', keepKey, true)
  window.addEventListener('pointerdown', endTypedAhead, true)
}

/** The keys until now. The field receives the next ones itself. */
export function takeTypedAhead(): { text: string; hasEnter: boolean } {
  const taken = typed ?? { text: '', hasEnter: false }
  endTypedAhead()
  return taken
}

export function endTypedAhead(): void {
  typed = null
  window.removeEventListener('keydown', keepKey, true)
  window.removeEventListener('pointerdown', endTypedAhead, true)
}

function keepKey(event: KeyboardEvent): void {
  if (typed === null || event.isComposing) return
  if (event.key === 'Escape') {
    const { onCancel } = typed
    endTypedAhead()
    return onCancel()
  }
  const hasModifier = (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState('AltGraph')
  const isLetter = Array.from(event.key).length === 1
  if (hasModifier || !(isLetter || event.key === 'Backspace' || event.key === 'Enter')) return
  event.preventDefault()
  event.stopPropagation()
  if (event.key === 'Enter') typed.hasEnter = true
  else if (isLetter) typed.text += event.key
  else typed.text = Array.from(typed.text).slice(0, -1).join('')
}
