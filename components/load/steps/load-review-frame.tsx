import { Activity, type ReactNode, useState } from 'react'
import { ReviewFrame } from '@/components/changes/action/review-frame'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import classes from './steps.module.css'

const LazySidePanel = lazyComponent(async () => (await import('@/components/ui/side-panel')).SidePanel)

export type ReviewSheet = { isOpen: boolean; onClose: () => void } | null

const STATE = 'nothing is loaded yet'
const WIDTH = 432

/**
 * The review next to the steps or below them, or above them as a sheet that is opened and closed, and keeps what is
 * entered in it.
 */
export function LoadReviewFrame({
  sheet,
  footer,
  children,
}: {
  sheet: ReviewSheet
  footer: ReactNode
  children: ReactNode
}) {
  const [hasOpened, setHasOpened] = useState(false)
  if (sheet?.isOpen && !hasOpened) setHasOpened(true)
  if (sheet === null)
    return (
      <ReviewFrame state={STATE} footer={footer}>
        {children}
      </ReviewFrame>
    )
  if (!hasOpened) return null
  const close = () => {
    // The focus would stay in the hidden sheet, instead of returning to the button that has opened it.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    sheet.onClose()
  }
  return (
    <Activity mode={sheet.isOpen ? 'visible' : 'hidden'}>
      <LazySidePanel title="Review" subtitle={STATE} width={WIDTH} onClose={close} footer={footer}>
        <div className={classes.review}>{children}</div>
      </LazySidePanel>
    </Activity>
  )
}
