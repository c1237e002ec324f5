import type { MouseEvent } from 'react'

/**
 * Props of a link to the page that is already shown: a plain click shows its content without a request for the page.
 */
export function inPageLink(href: string, show: () => void) {
  return {
    href,
    onClick: (event: MouseEvent) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
      event.preventDefault()
      show()
    },
  }
}
