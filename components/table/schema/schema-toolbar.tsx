'use client'
import { Button, Switch } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { UsedByButton } from '@/components/table/uses/used-by-button'
import { TabToolbar } from '@/components/ui/toolbar'
import { useSchemaView } from './use-schema-view'

/**
 * The controls above the columns, and above the history of schemas.
 *
 * @param props.onAdd undefined: columns cannot be added; null: not yet
 */
export function SchemaToolbar({ onAdd }: { onAdd?: (() => void) | null }) {
  const [{ view, fold }, setView] = useSchemaView()
  return (
    <TabToolbar
      end={
        onAdd !== undefined && (
          <>
            <Switch
              label="Hide unchanged"
              checked={fold}
              onChange={(event) => void setView({ fold: event.currentTarget.checked })}
            />
            <UsedByButton />
            <Button
              variant="default"
              className="icon-when-narrow"
              leftSection={<IconPlus size={15} stroke={1.6} aria-hidden />}
              disabled={onAdd === null}
              onClick={() => onAdd?.()}
            >
              Add column
            </Button>
          </>
        )
      }
    >
      <SegmentedChoice
        label="View"
        value={view}
        options={[
          { value: 'columns', label: 'Columns' },
          { value: 'history', label: 'History' },
        ]}
        onChange={(next) => void setView({ view: next }, { history: 'push' })}
      />
    </TabToolbar>
  )
}
