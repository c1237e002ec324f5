import type { ReactNode } from 'react'
import { SubPage, SubPageHeading } from '@/components/shell/sub-page'
import { Toolbar } from '@/components/ui/toolbar'
import type { ViewIdentifier } from '@/lib/names/identifiers'
import { ViewHeader } from '../view-header'
import classes from './view-sub-page.module.css'

type ViewSubPageProps = {
  view: ViewIdentifier
  title: string
  back: { label: string; href: string }
  children: ReactNode
}

/** A page below that of a view. What can be done with the view is on its own page. */
export function ViewSubPage({ view, title, back, children }: ViewSubPageProps) {
  return (
    <div className={classes.frame}>
      <ViewHeader view={view} detail={null} />
      <SubPage title={title}>
        <Toolbar>
          <SubPageHeading title={title} back={back} />
        </Toolbar>
        {children}
      </SubPage>
    </div>
  )
}
