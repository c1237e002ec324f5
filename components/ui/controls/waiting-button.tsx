'use client'
import { Button, type ButtonProps } from '@mantine/core'
import { type ComponentPropsWithoutRef, useLayoutEffect, useRef } from 'react'

type WaitingButtonProps = ButtonProps & Omit<ComponentPropsWithoutRef<'button'>, keyof ButtonProps>

/**
 * A button that waits for what it began. It is disabled meanwhile, and browsers take the focus from what is: it comes
 * back to it, unless the person went elsewhere.
 */
export function WaitingButton({ loading = false, ...props }: WaitingButtonProps) {
  const button = useRef<HTMLButtonElement>(null)
  const hadFocus = useRef(false)
  useLayoutEffect(() => {
    // The focus is taken only after this, when the page is drawn.
    if (loading) hadFocus.current = document.activeElement === button.current
    else if (hadFocus.current) {
      hadFocus.current = false
      if (document.activeElement === document.body) button.current?.focus()
    }
  }, [loading])
  return <Button ref={button} loading={loading} {...props} />
}
