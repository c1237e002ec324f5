'use client'
import { DropViewPanel } from './drop-view-panel'
import { RenameViewPanel } from './rename-view-panel'
import { RollBackPanel } from './roll-back-panel'
import type { ViewAction } from './use-view-action'
import { ViewAboutPanel } from './view-about-panel'
import type { ViewPanelProps } from './view-panel-props'
import { ViewPropertiesPanel } from './view-properties-panel'

/** The panel of an action on a view. */
export function ViewActionPanel({ action, ...props }: ViewPanelProps & { action: ViewAction }) {
  const Panel = {
    about: ViewAboutPanel,
    properties: ViewPropertiesPanel,
    'roll-back': RollBackPanel,
    rename: RenameViewPanel,
    drop: DropViewPanel,
  }[action]
  return <Panel {...props} />
}
