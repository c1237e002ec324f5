'use client'
import { ActionIcon, Button } from '@mantine/core'
import { IconAlertTriangle, IconChevronDown, IconChevronUp } from '@tabler/icons-react'
import { useState } from 'react'
import { useEarlierChanges } from '@/lib/client/table/pending-changes'
import { formatQuantity } from '@/lib/format/count'
import type { TableIdentifier } from '@/lib/names/identifiers'
import classes from './change-tray.module.css'
import { TrayList } from './tray-list'

/**
 * The user's changes for a table that had the name before. They are never offered for the table that has it now.
 *
 * @param props.tableUuid of that table; null if none has the name
 */
export function EarlierChanges({ table, tableUuid }: { table: TableIdentifier; tableUuid: string | null }) {
  const { intents, clear } = useEarlierChanges(table, tableUuid)
  const [isOpen, setOpen] = useState(false)
  if (intents.length === 0) return null
  return (
    <section className={classes.tray} aria-label="Changes for an earlier table">
      <ActionIcon aria-label="List the changes" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? (
          <IconChevronDown size={15} stroke={1.6} aria-hidden />
        ) : (
          <IconChevronUp size={15} stroke={1.6} aria-hidden />
        )}
      </ActionIcon>
      <IconAlertTriangle size={15} stroke={1.6} aria-hidden />
      <span className={classes.earlier}>
        {formatQuantity(intents.length, 'change')} for an earlier table of this name, which was renamed or dropped
        elsewhere. A renamed table has them in its tray.
      </span>
      <Button variant="subtle" color="gray" onClick={clear}>
        Discard
      </Button>
      {isOpen && <TrayList intents={intents} schema={null} onDrop={null} />}
    </section>
  )
}
