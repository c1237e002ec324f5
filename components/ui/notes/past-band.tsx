import { Button } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import classes from './past-band.module.css'

/** Says that what is shown is not now: which moment it is, and the way back. */
export function PastBand({
  label,
  timeline,
  back,
  onBack,
  children,
}: {
  label: string
  /** Moments to go to instead. */
  timeline?: ReactNode
  /** The button's words. */
  back: string
  onBack: () => void
  /** The sentence. */
  children: ReactNode
}) {
  return (
    <section className={classes.band} aria-label={label}>
      <IconHistory size={16} stroke={1.6} className={classes.icon} aria-hidden />
      <p className={classes.sentence}>{children}</p>
      {timeline !== undefined && <div className={classes.timeline}>{timeline}</div>}
      <Button variant="default" className={classes.back ?? ''} onClick={onBack}>
        {back}
      </Button>
    </section>
  )
}
