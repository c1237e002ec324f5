import { palette } from './palette-store'

/**
 * The `/` key on pages whose list does not listen for it: focuses the filter that is on screen, which is that of the
 * catalog tree, and opens the palette on pages without a filter.
 */
export function focusFilter(event: KeyboardEvent): void {
  const fields = [...document.querySelectorAll<HTMLElement>('[data-slash]')].filter((field) =>
    field.checkVisibility({ visibilityProperty: true }),
  )
  if (fields.some(({ dataset }) => dataset.slash === 'page')) return
  event.preventDefault()
  const [field] = fields
  if (field === undefined) palette.open()
  else field.focus()
}
