import { type RefObject, useState } from 'react'
import { flushSync } from 'react-dom'
import { useIsPageCovered } from '@/components/ui/use-is-page-covered'
import { STEP_TITLES } from './open-steps'

export type StepPages = {
  /** The step that is shown alone in a narrow window; null in a wide one, which shows all of them. */
  current: number | null
  /** Shows another step, from its heading on. */
  goTo: (step: number) => void
  isReviewing: boolean
  setReviewing: (isReviewing: boolean) => void
}

/**
 * Shows a narrow window one step at a time, and then the review.
 *
 * @param page around the steps
 * @param hasFiles without files there is the first step only
 */
export function useStepPages(page: RefObject<HTMLElement | null>, hasFiles: boolean): StepPages {
  const isNarrow = useIsPageCovered()
  const [step, setStep] = useState(1)
  const [isReviewing, setReviewing] = useState(false)
  return {
    current: isNarrow ? (hasFiles ? step : 1) : null,
    goTo(to) {
      const next = Math.min(Math.max(to, 1), STEP_TITLES.length)
      // The heading of a hidden step cannot have the focus.
      flushSync(() => setStep(next))
      page.current?.scrollTo({ top: 0 })
      page.current?.querySelector<HTMLElement>(`[data-step="${next}"] h2`)?.focus({ preventScroll: true })
    },
    isReviewing,
    setReviewing,
  }
}
