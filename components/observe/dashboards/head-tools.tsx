'use client'
import { ActionIcon } from '@mantine/core'
import { IconLink, IconPrinter } from '@tabler/icons-react'
import { CopyButton } from '@/components/ui/controls/copy-button'
import { Tooltip } from '@/components/ui/controls/tooltip'
import classes from './dashboards.module.css'

/** A link to what the page shows, all of which is in its address, and paper. */
export function HeadTools() {
  return (
    <span className={classes.tools}>
      <CopyButton label="link to this view" icon={IconLink} value={() => window.location.href} />
      <Tooltip label="Print">
        <ActionIcon size={26} aria-label="Print" onClick={() => window.print()}>
          <IconPrinter size={14} stroke={1.6} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </span>
  )
}
