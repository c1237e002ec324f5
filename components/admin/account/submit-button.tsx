'use client'
import { type ReactNode, useLayoutEffect, useRef, useSyncExternalStore } from 'react'
import classes from './sign-in-form.module.css'

/** The button of a form on the sign-in page. It keeps the focus while the form is sent. */
export function SubmitButton({
  isSending,
  isSecond = false,
  children,
}: {
  isSending: boolean
  /** Whether the page offers another way first. */
  isSecond?: boolean
  children: ReactNode
}) {
  const isInteractive = useSyncExternalStore(
    () => () => undefined,
    () => true,
    () => false,
  )
  const button = useRef<HTMLButtonElement>(null)
  const hadFocus = useRef(false)
  useLayoutEffect(() => {
    // Browsers take the focus from a disabled button.
    if (isSending) hadFocus.current = document.activeElement === button.current
    else if (hadFocus.current) {
      hadFocus.current = false
      if (document.activeElement === document.body) button.current?.focus()
    }
  }, [isSending])
  return (
    <button
      ref={button}
      type="submit"
      className={classes.submit}
      disabled={!isInteractive || isSending}
      data-sending={isSending || undefined}
      data-second={isSecond || undefined}
    >
      {children}
    </button>
  )
}
