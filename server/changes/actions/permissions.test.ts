import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { groupByPermission, howToReview } from '@/testing/contract/group-by-permission'
import type { NeededPermission } from '../pipeline/action'
import { NAMESPACE_ACTIONS } from '../proposals/namespace-actions'
import { TABLE_ACTIONS } from '../proposals/table-actions'
import { VIEW_ACTIONS } from '../proposals/view-actions'
import { changePropertiesAction, createNamespaceAction } from './change-namespace'
import { changeTableAction } from './change-table'
import { changeViewAction } from './change-view'
import { cherryPickAction } from './cherry-pick'
import { cloneTableAction } from './clone-table'
import { createTableAction } from './create-table'
import { createViewAction } from './create-view'
import { dropNamespaceAction } from './drop-namespace'
import { dropTableAction } from './drop-table'
import { dropViewAction } from './drop-view'
import { expireAction } from './expire'
import { loadAction } from './loads/load-file'
import { loadLocationsAction } from './loads/load-locations'
import { loadUploadsAction } from './loads/load-uploads'
import { repeatResultAction } from './loads/repeat-result'
import { saveLoadAction } from './loads/save-load'
import { saveResultAction } from './loads/save-result'
import { publishAction } from './publish'
import { registerTableAction } from './register-table'
import { renameTableAction } from './rename-table'
import { renameViewAction } from './rename-view'
import { restoreAction } from './restore'
import { deleteRowsAction } from './delete-rows'
import { rewriteFilesAction } from './rewrite-files'
import { overrideChangePolicyAction, relaxChangePolicyAction, setChangePolicyAction } from './set-change-policy'
import { undoAction } from './undo'
import { undoExpiryAction } from './undo-expiry'

/** The permission that an action needs in addition to that of its endpoint, and its resource. */
const REVIEWED = {
  'console:admin': ['override-change-policy: its target', 'set-change-policy: its target'],
  'of the endpoint': [
    'change-namespace-properties',
    'change-table',
    'cherry-pick',
    'create-namespace',
    'drop-namespace',
    'drop-table',
    'drop-view',
    'expire',
    'publish',
    // Only its proposer has to be an admin, as its review checks.
    'relax-change-policy',
    // It asks for the permissions on what it finds in the audit.
    'restore',
    'rewrite-files',
    'undo',
  ],
  'table:maintain': ['undo-expiry: its target'],
  'table:read': ['clone-table: a source', 'repeat-result: an appended table'],
  'table:write': [
    'change-view: its target',
    'clone-table: its target, as a new name',
    'create-table: its target, as a new name',
    'create-view: its target, as a new name',
    'delete-rows: its target',
    'load-locations: its target',
    'load-uploads: its target',
    'load: its target',
    'register-table: its target, as a new name',
    'rename-table: another name, as a new name',
    'rename-view: another name, as a new name',
    'repeat-result: its target',
    'save-load: its target',
    'save-result: its target',
    'undo-expiry: another name, as a new name',
  ],
}

/**
 * The permission on its entry that carrying out a proposal needs: the same as without a proposal. A weaker policy is
 * proposed by an admin, and another user of any role that commits changes agrees.
 */
const REVIEWED_PROPOSALS = {
  'table:maintain': [
    'cherry-pick',
    'drop',
    'drop-namespace',
    'drop-view',
    'expire',
    'publish',
    'relax-change-policy',
    'rename',
    'rename-view',
    'undo',
    'undo-expiry',
  ],
  'table:write': ['change-table', 'change-view', 'delete-rows', 'load', 'load-uploads', 'rewrite-files'],
}

type Permitted = { kind: string; permissions?(on: object, input: object): readonly NeededPermission[] }
const ACTIONS: Readonly<Record<string, Permitted>> = {
  changePropertiesAction,
  changeTableAction,
  changeViewAction,
  cherryPickAction,
  cloneTableAction,
  createNamespaceAction,
  createTableAction,
  createViewAction,
  deleteRowsAction,
  dropNamespaceAction,
  dropTableAction,
  dropViewAction,
  expireAction,
  loadAction,
  loadLocationsAction,
  loadUploadsAction,
  overrideChangePolicyAction,
  publishAction,
  registerTableAction,
  relaxChangePolicyAction,
  renameTableAction,
  renameViewAction,
  repeatResultAction,
  restoreAction,
  rewriteFilesAction,
  saveLoadAction,
  saveResultAction,
  setChangePolicyAction,
  undoAction,
  undoExpiryAction,
}

const named = (name: string) => ({ catalog: 'local', namespace: ['ours'], table: name, view: name })
const TARGET = named('its target')
/** All that the requests name. */
const REQUESTED = {
  to: named('another name'),
  newName: 'another name',
  source: named('a source'),
  spec: { create: null },
  result: { create: null, incremental: [{ table: named('an appended table') }] },
}

test('needs for each action the permissions that were reviewed', () => {
  const found = Object.values(ACTIONS).flatMap(({ kind, permissions }) => {
    const needed = permissions?.(TARGET, REQUESTED) ?? []
    return needed.length === 0
      ? [{ name: kind, permission: 'of the endpoint' }]
      : needed.map(({ permission, resource, isNew }) => ({
          name: `${kind}: ${resource.table}${isNew ? ', as a new name' : ''}`,
          permission,
        }))
  })
  expect(groupByPermission(found), howToReview('actions')).toEqual(REVIEWED)
})

test('needs for each proposed action the permission that was reviewed', () => {
  const all = Object.entries({ ...TABLE_ACTIONS, ...VIEW_ACTIONS, ...NAMESPACE_ACTIONS })
  const found = all.map(([name, { permission }]) => ({ name, permission }))
  expect(groupByPermission(found), howToReview('proposed actions')).toEqual(REVIEWED_PROPOSALS)
})

test('knows the permissions of every action', () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  const sources = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  const exported = sources.flatMap((file) =>
    [...readFileSync(path.join(import.meta.dirname, file), 'utf8').matchAll(/^export const (\w+Action)\b/gm)].map(
      ([, name]) => name,
    ),
  )
  expect(new Set(exported), 'Add each new action to ACTIONS, and its permissions to REVIEWED').toEqual(
    new Set(Object.keys(ACTIONS)),
  )
})
