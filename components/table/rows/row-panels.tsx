import { useState } from 'react'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import type { CellLink } from '@/components/ui/grid/grid-props'
import type { FilteredRowStore } from '@/lib/client/rows/filtered-row-store'
import { RowStore } from '@/lib/client/rows/row-store'
import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { FilterByValue } from './filter/cell-filter'
import type { OpenedCell } from './detail/opened-value'
import { type PanelValue, toPanelValue } from './detail/panel-value'
import { RowOrigin } from './detail/row-origin'
import type { RowsAddress } from './use-rows-address'

const LazyValuePanel = lazyComponent(async () => (await import('./detail/value-panel')).ValuePanel)

const LazyOpenedValue = lazyComponent(async () => (await import('./detail/opened-value')).OpenedValue)

const LazyRowDetail = lazyComponent(async () => (await import('./detail/row-detail')).RowDetail)

/** Renders the profile of a column, of the rows that pass the filter. */
export type ColumnProfile = React.ComponentType<{
  field: NestedField
  where: string | undefined
  onClose: () => void
}>

type RowPanelsOptions = {
  store: RowStore | FilteredRowStore
  fieldsByKey: ReadonlyMap<string, NestedField>
  address: Pick<RowsAddress, 'openRow' | 'setOpenRow'>
}

type PanelCell = { row: number; columnKey: string; value: PanelValue }

export type OpenPanels = {
  /** The nested value that is open; null without one. */
  openedValue: OpenedCell | null
  openValue: (row: number, columnKey: string, anchor: HTMLElement) => void
  closeValue: () => void
  /** The value that is open in the side panel, unless a row is; null without one. */
  panelCell: PanelCell | null
  /** For cells with members, and texts with JSON. */
  valuePanel: CellLink
  closePanel: () => void
  /** The column whose profile is open, unless a row is. */
  profiledField: NestedField | undefined
  openProfile: (columnKey: string) => void
  closeProfile: () => void
}

/** The panels that are open next to the rows, in addition to the row of the address. */
export function useOpenPanels({ store, fieldsByKey, address }: RowPanelsOptions): OpenPanels {
  const [openedValue, setOpenedValue] = useState<OpenedCell | null>(null)
  const [profiledKey, setProfiledKey] = useState<string | null>(null)
  const [panelCell, setPanelCell] = useState<PanelCell | null>(null)
  const panelValueAt = (row: number, columnKey: string) => {
    const field = fieldsByKey.get(columnKey)
    const value = field && store.valueAt(row, field.id)
    return !field || value === undefined || value instanceof AppError
      ? null
      : toPanelValue(field.name, field.type, value)
  }
  return {
    openedValue,
    openValue: (row, columnKey, anchor) => {
      const field = fieldsByKey.get(columnKey)
      const value = field && store.valueAt(row, field.id)
      if (!field || value === undefined || value === null || value instanceof AppError) return
      setOpenedValue({ name: field.name, type: field.type, value, row, anchor })
    },
    closeValue: () => setOpenedValue(null),
    panelCell,
    valuePanel: {
      isOffered: (row, columnKey) => panelValueAt(row, columnKey) !== null,
      open: (row, columnKey) => {
        const value = panelValueAt(row, columnKey)
        if (value === null) return
        setPanelCell({ row, columnKey, value })
        setProfiledKey(null)
        if (address.openRow !== null) address.setOpenRow(null)
      },
    },
    closePanel: () => setPanelCell(null),
    profiledField: profiledKey === null ? undefined : fieldsByKey.get(profiledKey),
    openProfile: (columnKey) => {
      setProfiledKey(columnKey)
      setPanelCell(null)
      // Two panels would leave little of the grid.
      if (address.openRow !== null) address.setOpenRow(null)
    },
    closeProfile: () => setProfiledKey(null),
  }
}

type RowPanelsProps = {
  panels: OpenPanels
  store: RowStore | FilteredRowStore
  fields: readonly NestedField[]
  where: string | undefined
  openRow: number | null
  onCloseRow: () => void
  sidePanel: React.ComponentType<{ children: React.ReactNode }>
  columnProfile: ColumnProfile | undefined
  onFilterValue: FilterByValue | undefined
}

/** The opened value, and either the profile of a column or the details of a row. */
export function RowPanels({
  panels,
  store,
  fields,
  where,
  openRow,
  onCloseRow,
  sidePanel: SidePanelSlot,
  columnProfile: Profile,
  onFilterValue,
}: RowPanelsProps) {
  const { openedValue, panelCell, profiledField } = panels
  const valueOrigin = openedValue && store.originOf(openedValue.row)
  return (
    <>
      {openedValue && (
        <LazyOpenedValue
          cell={openedValue}
          footer={valueOrigin && <RowOrigin {...valueOrigin} />}
          onClose={panels.closeValue}
        />
      )}
      {openRow === null && panelCell && (
        <SidePanelSlot>
          <LazyValuePanel
            key={`${panelCell.row} ${panelCell.columnKey}`}
            value={panelCell.value}
            row={panelCell.row}
            onClose={panels.closePanel}
          />
        </SidePanelSlot>
      )}
      {openRow === null && profiledField && Profile && (
        <SidePanelSlot>
          <Profile key={profiledField.id} field={profiledField} where={where} onClose={panels.closeProfile} />
        </SidePanelSlot>
      )}
      {openRow !== null && (
        <SidePanelSlot>
          <LazyRowDetail
            row={openRow}
            origin={store.originOf(openRow)}
            deletes={store instanceof RowStore ? store.deletesOf(openRow) : []}
            fields={fields}
            fieldValue={(fieldId) => store.valueAt(openRow, fieldId)}
            onFilter={onFilterValue && ((fieldId, value) => onFilterValue(fieldId, value, false))}
            onClose={onCloseRow}
          />
        </SidePanelSlot>
      )}
    </>
  )
}
