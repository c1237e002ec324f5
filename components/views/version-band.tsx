'use client'
import { Button } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import type { ViewVersion } from '@/lib/contract/views'
import { formatExactTime } from '@/lib/format/time'
import classes from './version-band.module.css'

/** Says that this is not what engines read now, and the way back. */
export function VersionBand({ shown, onBack }: { shown: ViewVersion; onBack: () => void }) {
  return (
    <section className={classes.band} aria-label="Another version">
      <IconHistory size={16} stroke={1.6} className={classes.icon} aria-hidden />
      <p className={classes.sentence}>
        You are looking at <strong>version {shown.versionId}</strong> of{' '}
        <strong>{formatExactTime(shown.createdAtMs)}</strong>, which is not the current one
      </p>
      <Button variant="default" className={classes.back} onClick={onBack}>
        Back to the current one
      </Button>
    </section>
  )
}
