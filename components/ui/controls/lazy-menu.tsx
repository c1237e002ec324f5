'use client'
import { type ComponentType, type HTMLAttributes, type ReactElement, cloneElement, useState } from 'react'
import { flushSync } from 'react-dom'
import classes from './lazy-menu.module.css'

/** What the module of a menu or dialog exports: the popover without its button. */
export type LoadedMenuProps = { opened: boolean; onChange: (opened: boolean) => void }

type ButtonProps = Pick<
  HTMLAttributes<HTMLElement>,
  'onPointerEnter' | 'onPointerDown' | 'onFocus' | 'onClick' | 'aria-haspopup' | 'aria-expanded'
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
  /** It is mounted closed and then opened, because it remembers at that moment where the focus has to return to. */
  const [isMounted, setIsMounted] = useState(false)
  const [isOpen, setIsOpen] = useState(false)
  /** The menu closes on the press of the pointer, before the click that should close it. */
  const [wasOpen, setWasOpen] = useState<boolean | null>(null)

  const prepare = () => {
    // Shown as an error of the page if the user opens the menu: a hidden failure would look like a broken button.
    void load().then(
      (loaded) => {
        flushSync(() => setMenu(() => loaded))
        setIsMounted(true)
      },
      (error: unknown) =>
        setIsOpen((isWanted) => {
          if (isWanted) throw error
          return false
        }),
    )
  }
  const toggle = () => {
    if (Menu === null) prepare()
    setIsOpen(!(wasOpen ?? isOpen))
    setWasOpen(null)
  }

  return (
    <span className={classes.anchor}>
      {cloneElement(button, {
        'aria-haspopup': popup,
        'aria-expanded': isOpen && isMounted,
        onPointerEnter: prepare,
        onFocus: prepare,
        onPointerDown: () => setWasOpen(isOpen),
        onClick: toggle,
      })}
      {Menu && <Menu {...menuProps} opened={isOpen && isMounted} onChange={setIsOpen} />}
    </span>
  )
}

/** What the menu is placed next to: it covers the button. */
export function menuAnchor(): ReactElement {
  return <span className={classes.cover} aria-hidden />
}
