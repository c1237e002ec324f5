'use client'
import { type ComponentType, type HTMLAttributes, type ReactElement, cloneElement, useState } from 'react'
import { flushSync } from 'react-dom'
import classes from './lazy-menu.module.css'
import { noteMenuOpener } from './menu-opener'
import { loadCode } from '@/lib/load-code'

/** The export of a menu's or dialog's module: the popover without its button. */
export type LoadedMenuProps = { opened: boolean; onChange: (opened: boolean) => void }

type ButtonProps = Pick<
  HTMLAttributes<HTMLElement>,
  | 'onPointerEnter'
  | 'onPointerDown'
  | 'onFocus'
  | 'onBlur'
  | 'onKeyDown'
  | 'onClick'
  | 'aria-haspopup'
  | 'aria-expanded'
>

/** A button with a menu, or a small dialog, whose code is loaded when the pointer or the focus reaches the button. */
export function LazyMenu<Props extends object>({
  button,
  load,
  menuProps,
  popup = 'menu',
}: {
  button: ReactElement<ButtonProps>
  load: () => Promise<ComponentType<Props & LoadedMenuProps>>
  menuProps: Props
  popup?: 'menu' | 'dialog'
}) {
  const [Menu, setMenu] = useState<ComponentType<Props & LoadedMenuProps> | null>(null)
  /** Mounted closed and then opened, because opening records where the focus has to return to. */
  const [isMounted, setIsMounted] = useState(false)
  const [isOpen, setIsOpen] = useState(false)
  /** The menu closes on the press of the pointer, before the click that should close it. */
  const [wasOpen, setWasOpen] = useState<boolean | null>(null)
  const [failure, setFailure] = useState<{ error: unknown } | null>(null)
  // A menu that cannot be loaded is an error of the page, not a button without effect.
  if (failure) throw failure.error

  const mount = (loaded: ComponentType<Props & LoadedMenuProps>) => {
    flushSync(() => setMenu(() => loaded))
    setIsMounted(true)
  }
  const prepare = () => {
    void load().then(mount, () => undefined) // reported when it is opened
  }
  const toggle = () => {
    if (Menu === null) void loadCode(load).then(mount, (error: unknown) => setFailure({ error }))
    setIsOpen(!(wasOpen ?? isOpen))
    setWasOpen(null)
  }
  /** If the user leaves the button before the menu has loaded, it does not open later. */
  const cancel = () => {
    if (!isMounted) setIsOpen(false)
  }

  return (
    <span className={classes.anchor}>
      {cloneElement(button, {
        'aria-haspopup': popup,
        'aria-expanded': isOpen && isMounted,
        onPointerEnter: prepare,
        onFocus: prepare,
        onPointerDown: () => setWasOpen(isOpen),
        onClick: ({ currentTarget }) => {
          noteMenuOpener(currentTarget)
          toggle()
        },
        onBlur: cancel,
        onKeyDown: (event) => {
          if (event.key === 'Escape') cancel()
          button.props.onKeyDown?.(event)
        },
      })}
      {Menu && <Menu {...menuProps} opened={isOpen && isMounted} onChange={setIsOpen} />}
    </span>
  )
}

/** The anchor of the menu, which covers the button. */
export function menuAnchor(): ReactElement {
  return <span className={classes.cover} aria-hidden />
}
