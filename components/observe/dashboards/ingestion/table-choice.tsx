'use client'
import { Button } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import type { useScope } from '../use-scope'

/** The only table that the figures cover, until the user leaves it. */
export function TableChoice({ scope: { chosen, leaveTable } }: { scope: ReturnType<typeof useScope> }) {
  if (chosen.table === null) return null
  return (
    <Button
      variant="default"
      rightSection={<IconX size={14} stroke={1.6} aria-hidden />}
      aria-label={`Only ${chosen.table}. Show all tables`}
      title="Show all tables"
      onClick={leaveTable}
    >
      {chosen.table}
    </Button>
  )
}
