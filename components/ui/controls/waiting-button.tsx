'use client'
import { Button, type ButtonProps } from '@mantine/core'
import { type ComponentPropsWithoutRef, useLayoutEffect, useRef } from 'react'

type WaitingButtonProps = ButtonProps & Omit<ComponentPropsWithoutRef<'button'>, keyof ButtonProps>

/**
 * A button that is disabled while its action runs. Browsers take the focus from a disabled button, so the button takes
 * it back afterwards, unless the user moved it elsewhere.
 */
export function WaitingButton({ loading = false, ...props }: WaitingButtonProps) {
  const button = useRef<HTMLButtonElement>(null)
  const hadFocus = useRef(false)
  useLayoutEffect(() => {
    // The browser takes the focus after this effect, when it renders the page.
    if (loading) hadFocus.current = document.activeElement === button.current
    else if (hadFocus.current) {
      hadFocus.current = false
      if (document.activeElement === document.body) button.current?.focus()
    }
  }, [loading])
  return <Button ref={button} loading={loading} {...props} />
}
