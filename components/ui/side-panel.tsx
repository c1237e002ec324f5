'use client'
import { ActionIcon } from '@mantine/core'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { IconX } from '@tabler/icons-react'
import { type ReactNode, useId, useRef } from 'react'
import classes from './side-panel.module.css'
import { useIsPageCovered } from './use-is-page-covered'
import { usePanelFocus } from './use-panel-focus'
import { useReachableScroll } from './use-reachable-scroll'

/**
 * Details next to the page. The panel has its own space and covers nothing; below 768 px it fills the page, as a modal
 * dialog. Escape closes it, and the focus returns to its former position.
 *
 * @param props.width in pixels: 428 for details and impact, 468 for review and runs
 * @param props.takesFocus whether opening the panel moves the focus into it. A panel that fills the page always takes
 * it
 */
export function SidePanel({
  title,
  subtitle,
  width,
  onClose,
  takesFocus = false,
  footer,
  children,
}: {
  title: ReactNode
  subtitle?: ReactNode
  width: number
  onClose: () => void
  takesFocus?: boolean
  footer?: ReactNode
  children: ReactNode
}) {
  const headingId = useId()
  const panel = useRef<HTMLElement>(null)
  const body = useRef<HTMLDivElement>(null)
  const bodyTabIndex = useReachableScroll(body)
  usePanelFocus(panel, { takesFocus, onClose })
  const isModal = useIsPageCovered()
  return (
    // An `aside` may not be a dialog, and the header and footer of a `div` might become those of the page.
    <section
      ref={panel}
      role={isModal ? 'dialog' : 'complementary'}
      aria-modal={isModal || undefined}
      className={classes.panel}
      style={{ width }}
      aria-labelledby={headingId}
      tabIndex={-1}
    >
      <header className={classes.head}>
        <h2 id={headingId} className={classes.title} {...(typeof title === 'string' && { title })}>
          {title}
        </h2>
        {subtitle !== undefined && <span className={classes.subtitle}>{subtitle}</span>}
        <Tooltip label="Close">
          <ActionIcon className={classes.close} aria-label="Close" onClick={onClose}>
            <IconX size={15} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </header>
      <div ref={body} className={classes.body} tabIndex={bodyTabIndex}>
        {children}
      </div>
      {footer !== undefined && <footer className={classes.foot}>{footer}</footer>}
    </section>
  )
}
