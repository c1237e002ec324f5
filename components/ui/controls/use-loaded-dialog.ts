'use client'
import { type ComponentType, useEffect, useRef, useState } from 'react'
import { loadCode } from '@/lib/load-code'

/**
 * A dialog whose code is loaded when it is first opened. It is mounted closed and then opened, because opening records
 * where the focus has to return to.
 *
 * @returns the loaded dialog, whether it is open, and how to open and close it
 */
export function useLoadedDialog<Props>(load: () => Promise<ComponentType<Props>>) {
  const [Dialog, setDialog] = useState<ComponentType<Props> | null>(null)
  const [isOpen, setIsOpen] = useState(false)
  const [failure, setFailure] = useState<{ error: unknown } | null>(null)
  const isRequested = useRef(false)
  useEffect(() => {
    if (Dialog && isRequested.current) setIsOpen(true)
  }, [Dialog])
  // A dialog that cannot be loaded is an error of the page, not a key without effect.
  if (failure) throw failure.error

  return {
    Dialog,
    isOpen,
    open: () => {
      isRequested.current = true
      if (Dialog) setIsOpen(true)
      else
        void loadCode(load).then(
          (loaded) => setDialog(() => loaded),
          (error: unknown) => setFailure({ error }),
        )
    },
    close: () => {
      isRequested.current = false
      setIsOpen(false)
    },
  }
}
