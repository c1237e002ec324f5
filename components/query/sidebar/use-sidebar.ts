import { useState } from 'react'
import { HIDDEN_SIDEBAR_COOKIE, writeCookie } from '@/lib/cookies'

/** On wide pages the sidebar is shown or hidden, which is remembered; on others it is a sheet that starts closed. */
export function useSidebar(isInitiallyHidden: boolean) {
  const [isShown, setIsShown] = useState(!isInitiallyHidden)
  const [isSheetOpen, setIsSheetOpen] = useState(false)
  return {
    isShown,
    isSheetOpen,
    onToggle: () => {
      if (!window.matchMedia(WIDE).matches) setIsSheetOpen(!isSheetOpen)
      else {
        writeCookie(HIDDEN_SIDEBAR_COOKIE, isShown ? '1' : '')
        setIsShown(!isShown)
      }
    },
    onClose: () => setIsSheetOpen(false),
  }
}

/** Where the sidebar has room next to the editor, as in `sidebar-frame.module.css`. */
const WIDE = '(min-width: 80em)'
