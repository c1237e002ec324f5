import { Button } from '@mantine/core'
import { IconArrowForwardUp, IconHistory } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import classes from './past-band.module.css'

/** Names the older version that the page shows, and offers a button back. */
export function PastBand({
  label,
  timeline,
  back,
  onBack,
  children,
}: {
  label: string
  /** Other versions to go to. */
  timeline?: ReactNode
  /** Label of the button. */
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
      <Button
        variant="default"
        className={`${classes.back} icon-when-narrow`}
        leftSection={<IconArrowForwardUp size={15} stroke={1.6} aria-hidden />}
        onClick={onBack}
      >
        {back}
      </Button>
    </section>
  )
}
