'use client'
import { Button } from '@mantine/core'
import { IconKey, IconSelector } from '@tabler/icons-react'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { columnName } from './column-name'
import classes from './compare-snapshots.module.css'
import type { KeyChoiceProps } from './key-choice-popover'

/** The columns that identify a row on both sides. */
export function KeyChoice(props: KeyChoiceProps) {
  const { columns, keyIds, identifierIds } = props
  const names = keyIds.map((id) => {
    const column = columns.find(({ fieldId }) => fieldId === id)
    return column ? columnName(column) : `column ${id}`
  })
  const isIdentifier = keyIds.length > 0 && keyIds.join() === identifierIds.join()
  return (
    <span className={classes.key}>
      <span className={classes.by} aria-hidden>
        rows matched by
      </span>
      <LazyMenu
        popup="dialog"
        button={
          <Button
            variant="default"
            leftSection={<IconKey size={14} stroke={1.6} aria-hidden />}
            rightSection={<IconSelector size={13} stroke={1.6} aria-hidden />}
          >
            <span className="sr-only">Key: </span>
            <span className={classes.keyNames}>{names.length === 0 ? 'all columns' : names.join(', ')}</span>
            {isIdentifier && (
              <span className={classes.stateNote}>
                {' '}
                {keyIds.length === 1 ? 'identifier field' : 'identifier fields'}
              </span>
            )}
          </Button>
        }
        load={loadPopover}
        menuProps={{ choice: props }}
      />
    </span>
  )
}

async function loadPopover() {
  return (await import('./key-choice-popover')).KeyChoicePopover
}
