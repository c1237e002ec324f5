'use client'
import {
  type ComponentType,
  type FocusEvent,
  type HTMLAttributes,
  type PointerEvent,
  type ReactElement,
  cloneElement,
  useEffect,
  useState,
} from 'react'
import type { FloatingLabelProps } from './floating-label'

/** How long the pointer has to rest on the control. */
const OPEN_DELAY_MS = 300

type ControlProps = Pick<HTMLAttributes<HTMLElement>, 'onPointerEnter' | 'onPointerLeave' | 'onFocus' | 'onBlur'>

/** As in `app/shared.css`, where it hides the text of buttons with an icon. */
const NARROW_PAGE = '(max-width: 47.99em)'

/**
 * The label of a control, shown on hover and keyboard focus. The code that places it is loaded with the first one.
 *
 * @param props.isNarrowOnly for a button with `icon-when-narrow`, whose text wide pages show
 */
export function Tooltip({
  label,
  isNarrowOnly = false,
  children,
}: {
  label: string
  isNarrowOnly?: boolean
  children: ReactElement<ControlProps>
}) {
  const [pointed, setPointed] = useState<{ element: HTMLElement; delayMs: number } | null>(null)
  const [target, setTarget] = useState<HTMLElement | null>(null)
  const [Label, setLabel] = useState<ComponentType<FloatingLabelProps> | null>(null)
  useEffect(() => {
    if (pointed === null) return
    const timer = setTimeout(() => setTarget(pointed.element), pointed.delayMs)
    return () => {
      clearTimeout(timer)
      setTarget(null)
    }
  }, [pointed])

  const hide = () => setPointed(null)
  const show = (element: HTMLElement, delayMs: number) => {
    if (isNarrowOnly && !window.matchMedia(NARROW_PAGE).matches) return
    setPointed({ element, delayMs })
    // The control has its name without the label, which is only for the eye.
    void import('./floating-label').then(({ FloatingLabel }) => setLabel(() => FloatingLabel), hide)
  }

  const { props } = children
  return (
    <>
      {cloneElement(children, {
        onPointerEnter: (event: PointerEvent<HTMLElement>) => {
          props.onPointerEnter?.(event)
          if (event.pointerType !== 'touch') show(event.currentTarget, OPEN_DELAY_MS)
        },
        onPointerLeave: (event: PointerEvent<HTMLElement>) => {
          props.onPointerLeave?.(event)
          hide()
        },
        onFocus: (event: FocusEvent<HTMLElement>) => {
          props.onFocus?.(event)
          if (event.currentTarget.matches(':focus-visible')) show(event.currentTarget, 0)
        },
        onBlur: (event: FocusEvent<HTMLElement>) => {
          props.onBlur?.(event)
          hide()
        },
      })}
      {Label && <Label target={target} label={label} />}
    </>
  )
}
