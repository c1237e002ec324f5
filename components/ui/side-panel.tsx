'use client'
import { ActionIcon, Tooltip } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { type ReactNode, useId } from 'react'
import classes from './side-panel.module.css'

/**
 * More about one thing, beside where it was chosen: it takes room and does not cover, except below 768 px where it is
 * the whole page. Escape closes it while the focus is inside.
 *
 * @param props.width in pixels: 292 profile, 428 impact, 468 review, 548 inspector
 */
export function SidePanel({
  title,
  subtitle,
  width,
  onClose,
  footer,
  children,
}: {
  title: ReactNode
  subtitle?: ReactNode
  width: number
  onClose: () => void
  footer?: ReactNode
  children: ReactNode
}) {
  const headingId = useId()
  return (
    <aside
      className={classes.panel}
      style={{ width }}
      aria-labelledby={headingId}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) onClose()
      }}
    >
      <header className={classes.head}>
        <h2 id={headingId} className={classes.title}>
          {title}
        </h2>
        {subtitle !== undefined && <span className={classes.subtitle}>{subtitle}</span>}
        <Tooltip label="Close">
          <ActionIcon className={classes.close} aria-label="Close" onClick={onClose}>
            <IconX size={15} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </header>
      <div className={classes.body}>{children}</div>
      {footer !== undefined && <footer className={classes.foot}>{footer}</footer>}
    </aside>
  )
}
