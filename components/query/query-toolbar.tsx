'use client'
import { ActionIcon, Button, Switch } from '@mantine/core'
import {
  IconDeviceFloppy,
  IconHistory,
  IconPlayerPlayFilled,
  IconPlugConnected,
  IconWand,
  IconX,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { Key } from '@/components/ui/values/key'
import { Toolbar } from '@/components/ui/toolbar'
import { formatCount } from '@/lib/format/count'
import classes from './query-toolbar.module.css'
import { RunMenu } from './run-menu/run-menu'
import type { RunMenuActions } from './run-menu/run-menu-items'

type QueryToolbarProps = {
  /** The text in the editor. */
  sql: string
  canRun: boolean
  isRunning: boolean
  /** The query waits for an answer of the user, which can also cancel it. */
  isAsking: boolean
  onRun: () => void
  menu: RunMenuActions
  onCancel: () => void
  connections: readonly string[]
  connection: string
  onConnection: (name: string) => void
  /** The control of links to the query. */
  share: ReactNode
  /** The control of the tables' version. */
  asOf: ReactNode
  /** The control of where the query runs. */
  engine: ReactNode
  rowLimit: number
  isLimited: boolean
  onLimitedChange: (isLimited: boolean) => void
  onSave: () => void
  isHistoryOpen: boolean
  onToggleHistory: () => void
}

/** *Run* and the settings that affect the result: the default connection for names, the version, the engine, and the row limit. */
export function QueryToolbar(props: QueryToolbarProps) {
  return (
    <Toolbar
      end={
        <>
          <Switch
            label={
              <>
                Limit<span className={classes.wide}> to {formatCount(props.rowLimit)} rows</span>
              </>
            }
            className={classes.limit}
            checked={props.isLimited}
            onChange={(event) => props.onLimitedChange(event.currentTarget.checked)}
          />
          <Tooltip label="Format">
            <ActionIcon
              aria-label="Format"
              disabled={props.sql.trim() === ''}
              onClick={props.menu.onFormat}
              className={classes.format}
            >
              <IconWand size={16} stroke={1.6} aria-hidden />
            </ActionIcon>
          </Tooltip>
          {props.share}
          <Button
            variant="default"
            leftSection={<IconDeviceFloppy size={15} stroke={1.6} aria-hidden />}
            disabled={props.sql.trim() === ''}
            onClick={props.onSave}
            className={classes.save}
          >
            <span className={classes.wide}>Save</span>
          </Button>
          <Button
            variant="default"
            leftSection={<IconHistory size={15} stroke={1.6} aria-hidden />}
            aria-expanded={props.isHistoryOpen}
            onClick={props.onToggleHistory}
            className={classes.history}
          >
            <span className={classes.wide}>Queries</span>
          </Button>
        </>
      }
    >
      {props.isRunning && !props.isAsking ? (
        <Button
          variant="default"
          leftSection={<IconX size={14} stroke={1.6} aria-hidden />}
          onClick={props.onCancel}
          className={classes.run}
        >
          Cancel
        </Button>
      ) : (
        <Button
          leftSection={<IconPlayerPlayFilled size={12} aria-hidden />}
          rightSection={
            <span aria-hidden className={classes.keys}>
              <Key>Ctrl ↵</Key>
            </span>
          }
          disabled={!props.canRun || props.isAsking}
          onClick={props.onRun}
          className={classes.run}
        >
          Run
        </Button>
      )}
      <RunMenu actions={props.menu} canRun={props.canRun && !props.isRunning} />
      <LazySelect
        aria-label="Connection"
        leftSection={<IconPlugConnected size={15} stroke={1.6} aria-hidden />}
        data={toChoices(props.connections, props.connection)}
        value={props.connection === '' ? null : props.connection}
        onChange={(name) => name !== null && props.onConnection(name)}
        allowDeselect={false}
        disabled={props.connections.length === 0}
        className={classes.connection}
      />
      {props.asOf}
      {props.engine}
    </Toolbar>
  )
}

/** A saved query may name a connection that its reader may not see. */
function toChoices(connections: readonly string[], connection: string): string[] {
  return connection === '' || connections.includes(connection) ? [...connections] : [...connections, connection]
}
