'use client'
import { Modal } from '@mantine/core'
import { Key } from '@/components/ui/values/key'
import classes from './keyboard-help.module.css'
import { SETTINGS } from './destinations'
import { useDestinations } from './use-destinations'

type Group = { title: string; keys: readonly { keys: readonly string[]; does: string }[] }

const ANYWHERE: Group = {
  title: 'Anywhere',
  keys: [
    { keys: ['Ctrl K', '⌘ K'], does: 'find a table, a namespace or a page' },
    { keys: ['/'], does: 'filter the list of the page' },
    { keys: ['?'], does: 'show shortcuts' },
    { keys: ['Esc'], does: 'close, or clear a filter' },
  ],
}

const GROUPS: readonly Group[] = [
  {
    title: 'Lists and grids',
    keys: [
      { keys: ['↑', '↓'], does: 'move' },
      { keys: ['Page Up', 'Page Down'], does: 'move by a screen' },
      { keys: ['Home', 'End'], does: 'first, last' },
      { keys: ['↵'], does: 'open' },
    ],
  },
  {
    title: 'Rows of a table or a result',
    keys: [
      { keys: ['↵'], does: 'open the value or the row' },
      { keys: ['Ctrl ↵'], does: 'open the members of a value, or of JSON in a text, as a tree' },
      { keys: ['Space'], does: 'details of a row of a table' },
      { keys: ['Ctrl Home', 'Ctrl End'], does: 'first row, last row' },
      { keys: ['Home', 'End'], does: 'first column, last column' },
      { keys: ['Shift ↓', 'Shift →'], does: 'select more cells' },
      { keys: ['Ctrl A'], does: 'select all cells' },
      { keys: ['Ctrl C'], does: 'copy the selected cells, with column names for more than one' },
      { keys: ['Shift F10'], does: 'menu of the cell: copy cell, row or selection' },
      { keys: ['↑'], does: 'from the first row: to the column headers' },
      { keys: ['Tab', '←', '→'], does: 'from a column header: change its width' },
    ],
  },
  {
    title: 'Tabs of Query',
    keys: [
      { keys: ['←', '→'], does: 'show another tab' },
      { keys: ['F2'], does: 'rename' },
      { keys: ['Delete'], does: 'close' },
      { keys: ['Ctrl Shift ←', 'Ctrl Shift →'], does: 'move the tab' },
    ],
  },
  {
    title: 'Tree',
    keys: [
      { keys: ['→', '←'], does: 'expand and collapse, or enter and leave' },
      { keys: ['↵'], does: 'open the page' },
      { keys: ['Ctrl C'], does: 'copy a member of a value' },
    ],
  },
]

export function KeyboardHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const goKeys = [...useDestinations(), SETTINGS].map(({ label, goKey }) => ({ keys: ['g', goKey], does: label }))
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Keyboard shortcuts"
      size={560}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className={classes.groups}>
        {[ANYWHERE, { title: 'Go to', keys: goKeys }, ...GROUPS].map(({ title, keys }) => (
          <section key={title}>
            <h3 className={classes.title}>{title}</h3>
            <dl className="bare">
              {keys.map((entry) => (
                <div key={entry.does} className={classes.entry}>
                  <dt>
                    {entry.keys.map((name) => (
                      <Key key={name}>{name}</Key>
                    ))}
                  </dt>
                  <dd>{entry.does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  )
}
