import type { ReactNode } from 'react'
import { ReviewFrame } from '@/components/changes/action/review-frame'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import classes from './steps.module.css'

const LazySidePanel = lazyComponent(async () => (await import('@/components/ui/side-panel')).SidePanel)

export type ReviewSheet = { isOpen: boolean; onClose: () => void } | null

const STATE = 'nothing is loaded yet'
const WIDTH = 432

/** The review next to the steps or below them, or above them as a sheet that is opened and closed. */
export function LoadReviewFrame({
  sheet,
  footer,
  children,
}: {
  sheet: ReviewSheet
  footer: ReactNode
  children: ReactNode
}) {
  if (sheet === null)
    return (
      <ReviewFrame state={STATE} footer={footer}>
        {children}
      </ReviewFrame>
    )
  if (!sheet.isOpen) return null
  return (
    <LazySidePanel title="Review" subtitle={STATE} width={WIDTH} onClose={sheet.onClose} footer={footer}>
      <div className={classes.review}>{children}</div>
    </LazySidePanel>
  )
}
