'use client'
import { Button } from '@mantine/core'
import { DialogPopover } from '@/components/ui/controls/dialog-popover'
import type { LoadedMenuProps } from '@/components/ui/controls/lazy-menu'
import classes from './schedule-table.module.css'

type RemovalProps = LoadedMenuProps & { title: string; kind: string; onRemove: () => void }

/** The consequence for work that is saved again, by the kind of the schedule. */
const FORGOTTEN: Readonly<Record<string, string>> = {
  ingest: 'Which files it has loaded is forgotten, so the same load saved again loads them again.',
  'save-result': 'How far it has read is forgotten, so the same result saved again reads all rows first.',
}

export function ScheduleRemovalPopover({ title, kind, onRemove, opened, onChange }: RemovalProps) {
  return (
    <DialogPopover opened={opened} onChange={onChange} label={`Remove ${title}`} widthPx={320} isPadded>
      <div className="stack gap-10">
        <p className="bare">
          Remove {title}? Its runs and the rows that they loaded stay. {FORGOTTEN[kind]}
        </p>
        <div className={classes.buttons}>
          <Button variant="default" onClick={() => onChange(false)}>
            Cancel
          </Button>
          <Button
            color="red"
            onClick={() => {
              onChange(false)
              onRemove()
            }}
          >
            Remove
          </Button>
        </div>
      </div>
    </DialogPopover>
  )
}
