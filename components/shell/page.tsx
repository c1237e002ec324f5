import type { ReactNode, Ref } from 'react'
import classes from './page.module.css'

/** A page of panels: title and subtitle, controls at the right, and the panels below. */
export function Page({
  title,
  titleRef,
  subtitle,
  afterTitle,
  actions,
  children,
}: {
  title: string
  /** For a heading that gets the focus when the page opens. */
  titleRef?: Ref<HTMLHeadingElement>
  subtitle?: ReactNode
  /** Right after the title: a choice between sibling pages. */
  afterTitle?: ReactNode
  actions?: ReactNode
  children: ReactNode
}) {
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <h1 ref={titleRef} className={classes.title} {...(titleRef !== undefined && { tabIndex: -1 })}>
          {title}
        </h1>
        {afterTitle}
        {/* It comes with the data, and only free space is after it. */}
        {subtitle !== undefined && <span className={classes.subtitle}>{subtitle}</span>}
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  )
}
